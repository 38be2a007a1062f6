// Counts the remaining time down, and announces when it is over.
const say = document.querySelector("[data-say]");

for (const timer of document.querySelectorAll("[data-seconds-left]")) {
  const end = Date.now() + Number(timer.dataset.secondsLeft) * 1000;
  const two = (number) => String(number).padStart(2, "0");

  const show = () => {
    const left = Math.max(0, Math.ceil((end - Date.now()) / 1000));
    const [hours, minutes, seconds] = [Math.floor(left / 3600), Math.floor(left / 60) % 60, left % 60];
    timer.textContent = hours ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
    if (left === 60) say.textContent = timer.parentElement.textContent;
    if (left > 0) return;
    clearInterval(ticking);
    for (const notice of document.querySelectorAll("[data-when-over]")) notice.hidden = false;
    document.dispatchEvent(new Event("time-over"));
  };

  const ticking = setInterval(show, 1000);
  show();
}
