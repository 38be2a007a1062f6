### Semua kalimat dalam bahasa Indonesia, dengan kunci dan isian yang sama seperti en.ftl.
### Kata: “atur ulang”, “tautan”, “kode”, “masuk”, “kata sandi”, “Anda”.

## The language itself

language-name = Bahasa Indonesia
language-direction = ltr

## Times and durations

time = { $day } { $month } { $year } pukul { $hour }.{ $minute } { $zone }
month-1 = Januari
month-2 = Februari
month-3 = Maret
month-4 = April
month-5 = Mei
month-6 = Juni
month-7 = Juli
month-8 = Agustus
month-9 = September
month-10 = Oktober
month-11 = November
month-12 = Desember
span-days = { $n } hari
span-hours = { $n } jam
span-minutes = { $n } menit
span-moment = kurang dari 1 menit
# Menyambung dua di antaranya: 3 jam 25 menit.
span-join = { $first } { $second }
list-join = { $first }, { $second }

## Password rules, in words that follow “The password”

rule-min-length = harus minimal { $n } karakter
rule-max-length = harus maksimal { $n } karakter
rule-max-bytes = tidak boleh lebih dari { $n } byte
rule-upper = harus mengandung huruf besar
rule-lower = harus mengandung huruf kecil
rule-letter = harus mengandung huruf
rule-digit = harus mengandung angka
rule-symbol = harus mengandung simbol
rule-not-current = harus berbeda dari kata sandi saat ini
rule-not-earlier = { $n ->
    [1] harus berbeda dari kata sandi sebelumnya
   *[other] harus berbeda dari { $n } kata sandi sebelumnya
}
rule-not-common = tidak boleh kata sandi yang umum dipakai
rule-not-breached = tidak boleh pernah muncul dalam kebocoran data
rule-not-context = tidak boleh dibuat dari data akun Anda atau nama layanan ini
rule-strength = tidak boleh mudah ditebak
rule-confirmed = harus dimasukkan dua kali
rule-max-age = harus diganti setiap { $n } hari
violation-too-common = terlalu umum
violation-breached = pernah muncul dalam kebocoran data
violation-too-weak = terlalu mudah ditebak
violation-not-confirmed = tidak cocok di kedua kolom

## Why a password is easy to guess

warning-key-rows = Deretan tombol keyboard, seperti “qwerty”, mudah ditebak.
warning-keyboard-pattern = Pola keyboard yang pendek mudah ditebak.
warning-repeated-character = Pengulangan seperti “aaa” mudah ditebak.
warning-repeated-sequence = Pengulangan seperti “abcabcabc” hanya sedikit lebih sulit ditebak daripada “abc”.
warning-top-10 = Ini salah satu dari sepuluh kata sandi yang paling umum.
warning-top-100 = Ini salah satu dari seratus kata sandi yang paling umum.
warning-common = Ini kata sandi yang sangat umum.
warning-similar-to-common = Ini mirip dengan kata sandi yang sering dipakai.
warning-sequence = Urutan seperti “abc” atau “6543” mudah ditebak.
warning-year = Tahun-tahun terakhir mudah ditebak.
warning-word = Satu kata saja mudah ditebak.
warning-date = Tanggal sering kali mudah ditebak.
warning-own-name = Nama orang saja mudah ditebak.
warning-common-name = Nama orang yang umum mudah ditebak.

## How to choose a better one

advice-few-words = Gunakan beberapa kata, tetapi hindari ungkapan umum.
advice-no-classes-needed = Menambah kata lebih berguna daripada menambah simbol, angka, atau huruf besar.
advice-add-words = Tambahkan satu atau dua kata lagi. Lebih baik kata yang jarang dipakai.
advice-capital-first = Huruf besar di awal tidak banyak membantu.
advice-all-uppercase = Semua huruf besar hampir sama mudahnya ditebak dengan semua huruf kecil.
advice-reversed = Kata yang ditulis terbalik tidak jauh lebih sulit ditebak.
advice-substitutions = Mengganti huruf, misalnya “a” dengan “@”, tidak banyak membantu.
advice-longer-pattern = Gunakan pola keyboard yang lebih panjang dan berbelok-belok.
advice-no-repeats = Hindari kata dan karakter yang berulang.
advice-no-sequences = Hindari urutan.
advice-no-recent-years = Hindari tahun-tahun terakhir.
advice-no-own-years = Hindari tahun yang berkaitan dengan Anda.
advice-no-own-dates = Hindari tanggal dan tahun yang berkaitan dengan Anda.

## What became of the last message to an account, for administrators

delivery-email-taken = Server email menerima pesan terakhir. Minta pemilik akun memeriksa folder spam.
delivery-whatsapp-taken = WhatsApp menerima pesan terakhir. Mungkin ponselnya mati.
delivery-arrived = Pesan terakhir sudah sampai.
delivery-delayed = Pesan terakhir tertunda. Kami akan mengirimnya lagi.
delivery-no-such-address = Alamat email tidak ditemukan. Perbaiki alamatnya.
delivery-no-such-domain = Bagian setelah @ tidak ada atau tidak menerima email. Perbaiki alamatnya.
delivery-closed = Alamat email sudah tidak aktif. Masukkan alamat lain.
delivery-full = Kotak masuk penuh. Minta pemilik akun mengosongkan sebagian.
delivery-content = Server email tidak menerima jenis pesan ini. Minta operator memeriksa log.
delivery-unreachable = Server email untuk alamat ini tidak menjawab. Periksa alamatnya, lalu coba lagi.
delivery-ours = Server email menolak pesan dari layanan ini. Minta operator memeriksa log.
delivery-complaint = Penerima menandai pesan sebagai spam. Minta pemilik akun memindahkannya dari folder spam.
delivery-suppressed = Layanan email tidak lagi mengirim ke alamat ini. Minta operator membukanya di sana.
delivery-email-refused = Pesan terakhir ditolak. Periksa alamatnya, lalu coba lagi.
delivery-no-such-number = Nomor tidak terdaftar di WhatsApp. Perbaiki nomornya.
delivery-whatsapp-refused = WhatsApp tidak mengirimkan pesan terakhir. Periksa nomornya, lalu coba lagi.
delivery-given-up = Pesan terakhir tidak dapat dikirim tepat waktu. Coba lagi.
not-sent-disabled = Tidak ada pesan yang dikirim. Akun dinonaktifkan.
not-sent-no-contact = Tidak ada pesan yang dikirim. Akun tidak punya kontak terkonfirmasi. Tambahkan satu.
not-sent-locked = Tidak ada pesan yang dikirim. Akun dikunci oleh pemiliknya.
not-sent-limit-reached = Tidak ada pesan yang dikirim. Sudah ada beberapa. Gunakan yang terakhir, atau tunggu.

## The message that a person sends by WhatsApp; a code stands behind it

message-to-send = Saya mengatur ulang kata sandi saya di { $name }. Jangan kirim pesan ini jika disuruh orang lain.

## What mails and WhatsApp messages say of the account and the device

message-account = Akun: { $account }
message-device = Perangkat: { $device }.

## Replies to it

reply-code =
    { $name }: ada permintaan atur ulang kata sandi untuk akun Anda. Jika ini Anda, masukkan { $code } di halaman tempat Anda memulai, dalam { $lives }.

    Bukan Anda, atau ada yang menyuruh Anda mengirim pesan tadi? Jangan berikan kode ini kepada siapa pun.

    Batalkan permintaan ini: { $cancel }
reply-link =
    { $name }: ada permintaan atur ulang kata sandi untuk akun Anda. Jika ini Anda, buka tautan ini dalam { $lives }:
    { $link }

    Bukan Anda, atau ada yang menyuruh Anda mengirim pesan tadi? Abaikan pesan ini, dan jangan bagikan tautannya kepada siapa pun.

    Batalkan permintaan ini: { $cancel }

## What gateways without templates send by WhatsApp

chat-code =
    { $name }: ada permintaan atur ulang kata sandi untuk akun Anda. Jika ini Anda, masukkan { $code } di halaman tempat Anda memulai, dalam { $lives }.

    Bukan Anda? Jangan berikan kode ini kepada siapa pun.

    Batalkan permintaan ini: { $cancel }
chat-step-up =
    { $name }: masukkan { $code } untuk menyelesaikan atur ulang kata sandi yang Anda mulai, dalam { $lives }.

    Bukan Anda? Jangan berikan kode ini kepada siapa pun.

    Batalkan permintaan ini: { $cancel }
chat-confirm =
    Pada { $time }, ada yang meminta agar nomor ini dipakai untuk akunnya di { $name }. Jika itu Anda, konfirmasi: { $link }

    Jika bukan, abaikan pesan ini.
chat-admin-link =
    Pada { $time }, administrator { $name } meminta Anda membuat kata sandi baru: { $link }

    Tidak mengenali permintaan ini? Batalkan: { $cancel }

    Jangan bagikan pesan ini.
chat-changed-lock =
    Kata sandi Anda di { $name } diubah pada { $time }.

    Bukan Anda? Segera kunci akun Anda: { $link }
chat-changed =
    Kata sandi Anda di { $name } diubah pada { $time }.

    Bukan Anda? Segera buat kata sandi baru: { $link }
chat-proved =
    Pesan WhatsApp dari nomor Anda menyetujui atur ulang kata sandi di { $name } pada { $time }.

    Bukan Anda, atau ada yang menyuruh Anda? Batalkan: { $link }
chat-code-requested =
    Kode atur ulang kata sandi di { $name } dikirim ke nomor Anda yang lain pada { $time }.

    Bukan Anda? Batalkan permintaan: { $link }
chat-admin-requested =
    Administrator { $name } memulai atur ulang kata sandi akun Anda pada { $time }. Tautannya dikirim ke kontak Anda yang lain.

    Tidak mengenali permintaan ini? Batalkan: { $link }
chat-cancelled =
    Atur ulang kata sandi Anda di { $name } yang diminta pada { $time } telah dibatalkan. Kata sandi Anda tidak berubah.

    Masih perlu yang baru? { $link }
chat-contact-changed = Nomor ini dihapus dari akun Anda di { $name } pada { $time }. Bukan Anda? Segera hubungi { $name }.
chat-locked =
    Akun Anda di { $name } dikunci pada { $time }.

    Untuk memakainya lagi, buat kata sandi baru: { $link }

## Pages

page-error = Kesalahan:
page-language = Bahasa
page-help = Butuh bantuan?
page-summary-title = Ada kendala
page-sending = Mohon tunggu…
page-time-left = Sisa waktu
page-copy = Salin
page-copied = Tersalin
page-sign-in = Masuk
page-try-again = Coba Lagi
page-send-again = Kirim Ulang
page-continue-button = Lanjutkan
page-start-title = Lupa Kata Sandi?
page-start-email-lead = Masukkan alamat email akun Anda. Kami akan mengirim tautan untuk membuat kata sandi baru.
page-start-username-lead = Masukkan nama pengguna Anda. Kami akan mengirim tautan ke alamat email akun Anda.
page-start-whatsapp-lead = Masukkan nomor WhatsApp Anda. Setelah itu, kirim kode kepada kami dari nomor tersebut.
page-start-whatsapp-code-lead = Masukkan nomor WhatsApp Anda. Kami akan mengirim kode.
page-start-methods = Cara mengatur ulang kata sandi
page-start-by-email = Email
page-start-by-username = Nama pengguna
page-start-by-whatsapp = WhatsApp
page-start-by-whatsapp-code = Kode lewat WhatsApp
page-start-email-label = Alamat Email
page-start-username-label = Nama Pengguna
page-start-phone-label = Nomor WhatsApp
page-start-phone-hint = Contoh: 0812 0000 0001 atau +62 812 0000 0001
page-start-link-button = Kirim Tautan
page-start-code-button = Kirim Kode
page-start-message-button = Kirim
page-start-remembered = Ingat kata sandi Anda?
page-start-empty-email = Masukkan alamat email Anda.
page-start-empty-username = Masukkan nama pengguna Anda.
page-start-empty-phone = Masukkan nomor WhatsApp Anda.
page-start-bad-email = Masukkan alamat email lengkap, misalnya nama@example.com.
page-start-bad-username = Periksa nama pengguna Anda. Tidak boleh ada spasi di awal atau akhir.
page-start-bad-phone = Masukkan nomor WhatsApp lengkap, misalnya 0812 0000 0001.
page-challenge-title = Pemeriksaan singkat
page-challenge-lead = Saat ini kami menerima banyak permintaan, jadi browser Anda kami periksa dulu.
page-challenge-widget-lead = Saat ini kami menerima banyak permintaan. Selesaikan pemeriksaan ini untuk melanjutkan.
page-challenge-checking = Memeriksa browser Anda… Ini memerlukan beberapa detik.
page-challenge-checked = Pemeriksaan selesai. Tekan { $button } untuk melanjutkan.
page-challenge-failed = Pemeriksaan belum selesai. Coba lagi.
page-challenge-stuck = Pemeriksaan ini tidak berfungsi di browser Anda. Gunakan browser lain, atau tunggu { $time } lalu coba lagi.
page-challenge-no-script = Pemeriksaan ini memerlukan JavaScript. Aktifkan JavaScript, atau tunggu { $time } lalu coba lagi.
page-challenge-missing = Pemeriksaan tidak muncul? Gunakan browser lain, atau tunggu { $time } lalu coba lagi.
page-mail-title = Permintaan berhasil,
page-mail-lead = silakan periksa email Anda untuk mengubah kata sandi
page-mail-to-email = Jika { $typed } terdaftar, kami akan mengirim email berisi tautan dan kode.
page-mail-to-email-list = Jika { $typed } terdaftar, kami akan mengirim email berisi tautan.
page-mail-to-username = Jika akun { $typed } terdaftar, kami akan mengirim tautan dan kode ke alamat emailnya.
page-mail-link = Buka tautan di email tersebut, di perangkat ini atau perangkat lain.
page-mail-reference = Subjek email diakhiri dengan ({ $reference }).
page-mail-time-left = Tautan berlaku
page-mail-code-title = Atau masukkan kode dari email
page-mail-code-title-list = Jika ada kode di email, masukkan di sini
page-code-sent-title = Periksa WhatsApp Anda
page-code-sent-to = Jika { $typed } terdaftar, kami akan mengirim kode ke nomor tersebut.
page-code-label-8 = Kode 8 Digit
page-code-label-6 = Kode 6 Digit
page-code-hint = Masukkan kode dengan atau tanpa spasi.
page-code-unreadable = Masukkan semua digit kode.
page-code-wrong = Kode ini salah atau sudah kedaluwarsa. Periksa lagi, atau minta kode baru.
page-code-attempts-left = Tersisa { $n } percobaan.
page-code-no-attempts-left = Batas percobaan tercapai. Gunakan tautan di email, atau kirim ulang emailnya.
page-code-no-attempts-left-phone = Batas percobaan tercapai. Mulai lagi untuk mendapatkan kode baru.
page-missing-title = Pesan belum masuk?
page-missing-spam = Periksa folder spam. Email bisa memerlukan beberapa menit.
page-missing-whatsapp = Pastikan nomor ini terdaftar di WhatsApp. Pesan bisa memerlukan 1 menit.
page-missing-mail-instead = Jika kode tidak bisa dikirim lewat WhatsApp dan akun itu punya email, kami akan mengirim tautan ke email tersebut.
page-missing-typo = Pastikan { $typed } sudah benar.
page-missing-again = Masih belum masuk? Kirim ulang.
page-start-over = Coba cara lain
page-message-title = Verifikasi
page-message-title-sentence = Verifikasi
page-message-lead = Dari { $typed }, kirim teks di bawah ini ke nomor WhatsApp kami, supaya kami tahu ini Anda.
page-message-number = Nomor WhatsApp kami
page-message-code = Kode Anda
page-message-text = Pesan untuk dikirim
page-message-open = Buka WhatsApp
page-message-new-tab = terbuka di tab baru
page-message-qr = Kode QR yang membuka WhatsApp dengan pesan untuk dikirim
page-message-scan = Atau pindai kode QR ini dengan ponsel yang Anda pakai untuk WhatsApp.
page-message-scan-title = WhatsApp di ponsel lain?
page-message-warning = Kirim hanya jika Anda sendiri yang memintanya. Jika ada yang menyuruh Anda, tutup halaman ini: akun Anda bisa diambil alih.
page-message-waiting = Menunggu pesan Anda. Anda tidak akan menerima balasan. Halaman ini akan berlanjut otomatis.
page-message-waiting-reply = Menunggu pesan Anda…
page-message-sent-button = Saya Sudah Mengirimnya
page-message-no-script = Anda tidak akan menerima balasan. Setelah mengirim, tekan tombol di bawah ini.
page-message-not-yet = Pesan Anda belum kami terima. Tunggu sebentar, lalu coba lagi.
page-reply-title = Lalu masukkan kode dari balasan kami
page-reply-received-title = Masukkan kode yang kami kirim
page-reply-received = Pesan Anda sudah kami terima. Kami membalasnya dengan kode di WhatsApp.
page-phone-next = Kami akan membalas dengan tautan. Buka tautan itu di ponsel untuk membuat kata sandi baru.
page-phone-received-title = Lanjutkan di ponsel Anda
page-phone-received = Pesan Anda sudah kami terima. Kami membalasnya dengan tautan di WhatsApp. Buka tautan itu untuk membuat kata sandi baru. Anda dapat menutup halaman ini.
page-proved-title = Verifikasi berhasil
page-proved-lead = Sekarang buat kata sandi baru Anda.
page-over-title = Waktu habis
page-over-lead = Permintaan ini sudah kedaluwarsa. Tekan tombol untuk mencoba lagi.
page-link-title = Hampir selesai
page-link-lead = Tekan Lanjutkan untuk membuat kata sandi baru.
page-link-paste-lead = Salin seluruh tautan dari pesan, lalu tempel di sini.
page-link-label = Tautan dari Pesan
page-link-hint = Tautan diawali https:// dan berisi tanda #.
page-link-unreadable = Tautan ini tidak lengkap. Salin seluruh tautan dari pesan.
page-step-up-title = Satu langkah lagi
page-step-up-code-lead = Akun ini memakai verifikasi dua langkah. Kami mengirim kode ke kontak Anda yang lain. Jika tadi memakai email, periksa WhatsApp. Jika tadi memakai WhatsApp, periksa email.
page-step-up-factor-lead = Akun ini memakai verifikasi dua langkah. Masukkan kode yang biasa Anda pakai saat masuk.
page-step-up-factor-label = Kode Verifikasi
page-step-up-factor-hint = Gunakan aplikasi autentikator, atau kode pemulihan.
page-step-up-factor-empty = Masukkan kode verifikasi Anda.
page-step-up-wrong = Kode ini salah atau sudah kedaluwarsa. Periksa, lalu coba lagi.
page-new-title = Buat Kata Sandi Baru
page-new-for = Untuk { $typed }
page-new-username = Akun
page-new-label = Kata Sandi Baru
page-again-label = Konfirmasi Kata Sandi Baru
page-rules-title = Kata sandi Anda
page-rule-met = Terpenuhi:
page-rule-broken = Belum terpenuhi:
page-show = Tampilkan
page-hide = Sembunyikan
page-show-label = Tampilkan kata sandi
page-hide-label = Sembunyikan kata sandi
page-strength = Kekuatan
page-strength-0 = sangat lemah
page-strength-1 = lemah
page-strength-2 = cukup
page-strength-3 = baik
page-strength-4 = kuat
page-again-same = Kata sandi cocok
page-again-different = Kata sandi belum cocok
page-again-wrong = Kata sandi tidak cocok. Masukkan kata sandi yang sama di kedua kolom.
page-new-button = Kirim
page-new-refused = { $n ->
    [1] Kata sandi Anda belum diubah. Periksa aturan yang ditandai di bawah.
   *[other] Kata sandi Anda belum diubah. Periksa { $n } aturan yang ditandai di bawah.
}
page-new-busy = Sistem sedang sibuk. Kata sandi Anda belum diubah. Masukkan kembali kata sandi baru beberapa saat lagi.
page-new-over = Waktu habis. Formulir ini sudah kedaluwarsa.
page-done-title = Kata sandi berhasil diubah
page-done-lead = Silakan masuk dengan kata sandi baru, di perangkat ini dan perangkat Anda lainnya.
page-cancel-title = Batalkan permintaan ini?
page-cancel-lead = Tautan dan kodenya tidak akan berlaku lagi. Kata sandi Anda tidak berubah.
page-cancel-confirm = Bukan saya yang meminta atur ulang kata sandi ini
page-cancel-button = Batalkan Permintaan
page-cancel-not-ticked = Centang kotak untuk memastikan bukan Anda yang meminta.
page-cancelled-title = Permintaan dibatalkan
page-cancelled-lead = Tautan dan kodenya tidak berlaku lagi. Kata sandi Anda tidak berubah.
page-cancelled-advice = Sering menerima pesan seperti ini? Gunakan kata sandi yang tidak Anda pakai di tempat lain.
page-not-cancelled-title = Permintaan ini tidak dapat dibatalkan lagi
page-not-cancelled-lead = Permintaan sudah kedaluwarsa atau sudah dipakai untuk membuat kata sandi baru. Jika kata sandi Anda diubah orang lain, tekan Kunci Akun Saya di email tentang perubahan itu.
page-lock-title = Kunci akun Anda?
page-lock-lead = Lakukan ini jika bukan Anda yang mengubah kata sandi. Kata sandi baru itu tidak akan berlaku lagi, dan Anda akan dikeluarkan dari semua perangkat. Setelah itu, Anda dapat membuat kata sandi baru.
page-lock-confirm = Bukan saya yang mengubah kata sandi ini
page-lock-button = Kunci Akun Saya
page-lock-not-ticked = Centang kotak untuk memastikan bukan Anda yang mengubah kata sandi.
page-locked-title = Akun Anda sudah dikunci
page-locked-lead = Kata sandi baru itu tidak berlaku lagi, dan Anda sedang dikeluarkan dari semua perangkat. Mungkin ada orang lain yang dapat membaca email atau pesan WhatsApp Anda. Amankan juga keduanya.
page-locked-methods = Untuk memakai akun Anda lagi, buat kata sandi baru dengan cara lain:
page-locked-help = Untuk memakai akun Anda lagi, hubungi layanan bantuan.
page-not-locked-title = Tautan penguncian ini tidak berlaku lagi
page-not-locked-lead = Tautan sudah kedaluwarsa. Jika bukan Anda yang mengubah kata sandi, segera buat kata sandi baru, atau hubungi layanan bantuan.
page-not-locked-button = Atur Ulang Kata Sandi
page-expired-title = Tautan atau kode ini tidak berlaku lagi
page-expired-lead = Tautan dan kode hanya berlaku sekali dan untuk waktu singkat. Mulai lagi untuk mendapatkan yang baru.
page-not-found-title = Halaman tidak ditemukan
page-not-found-lead = Periksa alamatnya, atau mulai lagi.
page-bad-request-title = Permintaan tidak dapat diproses
page-bad-request-lead = Kembali, muat ulang halaman, lalu coba lagi.
page-stale-form-title = Halaman ini sudah kedaluwarsa
page-stale-form-lead = Demi keamanan, tidak ada yang dikirim. Kembali, muat ulang halaman, lalu coba lagi.
page-no-cookies-title = Browser Anda memblokir cookie
page-no-cookies-lead = Halaman ini memerlukan cookie. Izinkan cookie di setelan browser, lalu mulai lagi.
page-too-many-title = Terlalu banyak permintaan
page-too-many-lead = Ada terlalu banyak permintaan dari jaringan Anda. Tunggu sebentar sebelum mencoba lagi.
page-busy-title = Layanan sedang tidak tersedia
page-busy-lead = Silakan coba beberapa saat lagi.
page-internal-title = Terjadi kesalahan pada sistem kami
page-internal-lead = Silakan coba beberapa saat lagi. Jika masih terjadi, hubungi layanan bantuan.
page-retry-after = Coba lagi dalam { $time }.
page-start-again = Mulai Lagi

## Mails: what they have in common, then each

mail-greeting = Halo { $person },
mail-how = Cara: { $how }.
mail-footer = Email keamanan otomatis dari { $name }.
mail-button-fails = Jika tombol tidak berfungsi, salin tautan ini ke browser Anda:
mail-cancel-open = Untuk membatalkan permintaan, buka tautan ini:
mail-cancel-label = Batalkan permintaan ini
mail-cancel-button = Batalkan Permintaan
mail-new-button = Buat Kata Sandi Baru
mail-new-open = Untuk membuat kata sandi baru, buka tautan ini:
mail-new-open-page = Untuk membuat kata sandi baru, buka halaman ini:
mail-reset-button = Atur Ulang Kata Sandi
mail-not-you = Bukan Anda?
mail-do-not-share = Jangan bagikan email ini.

mail-reset-subject = Atur ulang kata sandi Anda di { $name }
mail-reset-preheader = Tautan berlaku { $lives }. Bukan Anda? Abaikan email ini.
mail-reset-heading = Atur ulang kata sandi Anda
mail-reset-asked = Pada { $time }, kami menerima permintaan untuk mengatur ulang kata sandi akun Anda di { $name }.
mail-reset-now = Jika ini Anda, buat kata sandi baru sekarang.
mail-list-asked = Pada { $time }, kami menerima permintaan untuk mengatur ulang kata sandi akun di { $name }. Beberapa akun memakai alamat email ini.
mail-list-now = Jika ini Anda, pilih akun yang perlu kata sandi baru.
mail-list-ignore = Anda tidak perlu melakukan apa pun. Tidak ada kata sandi yang berubah.
mail-lives-link = Tautan berlaku { $lives } sejak permintaan.
mail-lives-both = Tautan dan kode berlaku { $lives } sejak permintaan.
mail-lives-each = Tautan berlaku { $lives } dan kode berlaku { $code-lives } sejak permintaan.
mail-reset-code = Atau masukkan kode ini di halaman tempat Anda mengajukan permintaan:
mail-reset-ignore = Anda tidak perlu melakukan apa pun. Kata sandi Anda tidak berubah.
mail-reset-share-link = Jangan berikan tautan kepada siapa pun, termasuk orang yang mengaku dari { $name }.
mail-reset-share-both = Jangan berikan tautan atau kode kepada siapa pun, termasuk orang yang mengaku dari { $name }.

mail-confirm-subject = Konfirmasi alamat email Anda untuk { $name }
mail-confirm-preheader = Tautan berlaku { $lives }. Bukan Anda? Abaikan email ini.
mail-confirm-heading = Konfirmasi alamat email Anda
mail-confirm-asked = Pada { $time }, ada yang meminta agar alamat email ini dipakai untuk akunnya di { $name }. Setelah dikonfirmasi, alamat ini menerima pesan akun tersebut dan dapat dipakai untuk mengatur ulang kata sandinya.
mail-confirm-now = Jika ini Anda, konfirmasi alamat ini. Tautan berlaku { $lives } sejak permintaan.
mail-confirm-button = Konfirmasi Alamat Email
mail-confirm-open = Untuk mengonfirmasi alamat ini, buka tautan ini:
mail-confirm-ignore = Anda tidak perlu melakukan apa pun. Tidak ada yang berubah kecuali tautan itu dipakai.

mail-admin-subject = Buat kata sandi baru untuk { $name }
mail-admin-preheader = Diminta oleh administrator. Tautan berlaku { $lives }.
mail-admin-heading = Buat kata sandi baru
mail-admin-asked = Pada { $time }, administrator { $name } meminta Anda membuat kata sandi baru untuk akun Anda. Tidak ada yang berubah sampai Anda membuatnya.
mail-admin-only-you = Hanya Anda yang akan mengetahui kata sandi baru. Tautan berlaku { $lives } sejak permintaan.
mail-admin-unexpected = Tidak mengenali permintaan ini?
mail-admin-check = Tanyakan kepada administrator Anda sebelum membuka tautan.
mail-admin-share = Administrator tidak akan pernah meminta tautan ini atau kata sandi Anda.

mail-step-up-subject = Kode verifikasi Anda untuk { $name }
mail-step-up-preheader = Masukkan untuk menyelesaikan atur ulang kata sandi. Jangan bagikan.
mail-step-up-heading = Kode verifikasi Anda
mail-step-up-asked = Satu langkah lagi untuk mengatur ulang kata sandi akun Anda di { $name }, yang diminta pada { $time }. Kode berlaku { $lives }.
mail-step-up-code = Masukkan kode ini di halaman yang memintanya:
mail-step-up-not-you = Ada orang lain yang sudah melewati langkah pertama. Batalkan permintaan ini, dan jangan berikan kode ini kepada siapa pun, termasuk orang yang mengaku dari { $name }.

notice-changed-subject = Kata sandi Anda di { $name } telah diubah
notice-changed-preheader = Bukan Anda? Segera buat kata sandi baru.
notice-changed-lock-preheader = Bukan Anda? Segera kunci akun Anda.
notice-changed-heading = Kata sandi Anda telah diubah
notice-changed-at = Kata sandi akun Anda di { $name } diubah pada { $time }. Jika memang Anda, tidak ada yang perlu dilakukan.
notice-changed-lock = Jika bukan Anda, segera kunci akun Anda. Kata sandi baru itu tidak akan berlaku lagi, dan Anda akan dikeluarkan dari semua perangkat. Setelah akun dikunci, Anda dapat membuat kata sandi baru dengan cara lain. Anda tidak perlu masuk. Tautan berlaku { $lives } sejak perubahan.
notice-changed-lock-button = Kunci Akun Saya
notice-changed-lock-open = Untuk mengunci akun Anda, buka tautan ini:
notice-changed-no-lock = Jika bukan Anda, mungkin ada orang lain yang memakai akun Anda. Segera buat kata sandi baru, dan ganti juga kata sandi email Anda.
notice-by-email = tautan atau kode dari email Anda
notice-by-admin = tautan yang diminta administrator
notice-by-whatsapp-code = kode yang dikirim ke WhatsApp Anda
notice-by-whatsapp = pesan dari nomor WhatsApp Anda
notice-by-password = kata sandi Anda sebelumnya

notice-proved-subject = Permintaan atur ulang kata sandi disetujui di { $name }
notice-proved-preheader = Disetujui lewat pesan WhatsApp dari nomor Anda. Bukan Anda? Batalkan sekarang.
notice-proved-heading = Permintaan atur ulang kata sandi disetujui
notice-proved-at = Pada { $time }, pesan WhatsApp dari nomor Anda menyetujui permintaan atur ulang kata sandi akun Anda di { $name }. Jika memang Anda, tidak ada yang perlu dilakukan.
notice-proved-not-you = Jika bukan Anda, atau ada yang menyuruh Anda mengirim pesan itu, batalkan permintaan dalam { $lives }. Kata sandi Anda tidak akan berubah.

notice-code-subject = Ada permintaan kode atur ulang kata sandi di { $name }
notice-code-preheader = Kode dikirim ke WhatsApp Anda. Bukan Anda? Batalkan permintaan.
notice-code-heading = Kami mengirim kode ke WhatsApp Anda
notice-code-at = Pada { $time }, ada permintaan atur ulang kata sandi untuk akun Anda di { $name }, dan kami mengirim kode ke nomor WhatsApp Anda. Pesan itu tidak menyebutkan kegunaan kode: siapa pun yang memilikinya dapat membuat kata sandi baru. Jangan bagikan.
notice-code-not-you = Jika bukan Anda, batalkan permintaan dalam { $lives }. Kata sandi Anda tidak akan berubah.

notice-admin-subject = Administrator meminta kata sandi Anda diatur ulang di { $name }
notice-admin-preheader = Tautan dikirim ke kontak Anda yang lain. Tidak mengenali permintaan ini? Batalkan.
notice-admin-heading = Administrator meminta kata sandi Anda diatur ulang
notice-admin-at = Pada { $time }, administrator { $name } meminta Anda membuat kata sandi baru. Tautannya dikirim ke alamat email atau nomor WhatsApp Anda yang lain. Jika Anda mengenali permintaan ini, tidak ada yang perlu dilakukan di sini.
notice-admin-not-you = Jika Anda tidak mengenali permintaan ini, atau tidak punya akses lagi ke kontak itu, batalkan permintaan dalam { $lives }. Kata sandi Anda tidak akan berubah.

notice-cancelled-subject = Permintaan atur ulang kata sandi dibatalkan di { $name }
notice-cancelled-preheader = Kata sandi Anda tidak berubah.
notice-cancelled-heading = Permintaan atur ulang kata sandi dibatalkan
notice-cancelled-at = Permintaan atur ulang kata sandi akun Anda di { $name }, yang diminta pada { $time }, telah dibatalkan lewat tautan dari salah satu pesan kami. Kata sandi Anda tidak berubah.
notice-cancelled-again = Jika masih memerlukan kata sandi baru, mulai lagi.
notice-cancelled-open = Untuk memulai lagi, buka halaman ini:

notice-locked-subject = Akun Anda di { $name } telah dikunci
notice-locked-preheader = Buat kata sandi baru untuk memakainya lagi.
notice-locked-heading = Akun Anda telah dikunci
notice-locked-at = Pada { $time }, akun Anda di { $name } dikunci lewat tautan dari salah satu pesan kami. Kata sandi terakhir tidak berlaku lagi, dan Anda sedang dikeluarkan dari semua perangkat.
notice-locked-by-email = Untuk memakai akun Anda lagi, buat kata sandi baru dengan cara lain, misalnya nomor WhatsApp Anda. Sampai saat itu, atur ulang lewat email dinonaktifkan, karena mungkin ada orang lain yang dapat membaca email Anda.
notice-locked-by-whatsapp = Untuk memakai akun Anda lagi, buat kata sandi baru dengan cara lain, misalnya alamat email Anda. Sampai saat itu, atur ulang lewat WhatsApp dinonaktifkan, karena mungkin ada orang lain yang mengakses nomor Anda.
notice-locked-other = Untuk memakai akun Anda lagi, buat kata sandi baru yang belum pernah Anda gunakan.
notice-locked-no-way = Perlu bantuan?
notice-locked-contact = Hubungi { $name }. Administrator dapat memulai atur ulang kata sandi untuk Anda.

notice-contact-subject = Alamat email Anda dihapus dari { $name }
notice-contact-preheader = Bukan Anda? Segera hubungi { $name }.
notice-contact-heading = Alamat email Anda telah dihapus
notice-contact-at = Pada { $time }, alamat email ini dihapus dari akun Anda di { $name }. Jika memang Anda, tidak ada yang perlu dilakukan.
notice-contact-not-you = Jika bukan Anda, mungkin ada orang lain yang memakai akun Anda. Alamat ini tidak dapat lagi dipakai untuk mengatur ulang kata sandi, jadi segera hubungi { $name }.

## Problems of the API, for programmers

problem-not-found = Tidak ada apa pun di alamat ini. Lihat openapi.json.
problem-method-not-allowed = Metode ini tidak diizinkan. Gunakan metode di header Allow.
problem-media-type = Kirim isi sebagai application/json.
problem-too-large = Isi permintaan terlalu besar. Kirim lebih sedikit.
problem-too-slow = Isi permintaan terlalu lama diterima. Kirim lagi.
problem-malformed = Isi permintaan tidak sesuai skema. Lihat openapi.json.
problem-bad-identifier = Ini bukan alamat email, nama pengguna, atau nomor telepon yang valid. Periksa lagi.
problem-channel-off = Cara ini tidak tersedia. Gunakan cara lain.
problem-cross-site = Permintaan datang dari situs lain, atau token formulirnya tidak ada atau kedaluwarsa. Muat ulang lalu coba lagi.
problem-no-cookies = Kirim cookie yang telah ditetapkan.
problem-refused = Tautan atau kode ini salah, sudah dipakai, atau kedaluwarsa. Minta yang baru.
problem-rejected = Kata sandi tidak memenuhi aturan. Lihat violations.
problem-challenge-required = Selesaikan tantangan, lalu coba lagi.
problem-too-many = Terlalu banyak permintaan. Coba lagi setelah retry_after detik.
problem-busy = Layanan sedang tidak tersedia. Coba lagi setelah retry_after detik.
problem-internal = Terjadi kesalahan pada sistem kami. Coba lagi nanti.

## Where a password policy departs from a standard

standard-asks-min-length = meminta paling sedikit { $n } karakter
standard-asks-max-length = meminta agar paling sedikit { $n } karakter diperbolehkan
standard-asks-history = meminta agar kata sandi saat ini dan { $n } sebelumnya tidak dipakai lagi
standard-asks-max-age = meminta penggantian setidaknya setiap { $n } hari jika kata sandi adalah satu-satunya faktor, atau penilaian akses secara terus-menerus
standard-asks-some-min-length = meminta agar jumlah karakter ditetapkan
standard-asks-no-classes = meminta agar jenis karakter tidak diwajibkan
standard-asks-letter-and-digit = meminta huruf dan angka
standard-asks-some-mix = meminta agar kombinasi jenis karakter ditetapkan
standard-asks-not-common = meminta agar kata sandi yang umum ditolak
standard-asks-not-breached = meminta agar kata sandi dari kebocoran data ditolak
standard-asks-not-context = meminta agar kata sandi dari data akun atau nama layanan ditolak
standard-asks-no-max-age = meminta agar kata sandi tetap berlaku sampai diganti
standard-asks-some-max-age = meminta agar masa berlaku kata sandi ditetapkan
standard-asks-nfc = meminta agar kata sandi diubah ke bentuk normal Unicode C
standard-asks-as-typed = meminta agar kata sandi diperiksa persis seperti diketik
standard-has-max-age = kebijakan ini mewajibkan penggantian setelah { $n } hari
standard-has-max-length = kebijakan ini hanya memperbolehkan { $n }
standard-has-number = kebijakan ini mewajibkan { $n }
standard-has-classes = kebijakan ini mewajibkan: { $classes }
standard-has-only-current = hanya kata sandi saat ini yang ditolak
standard-has-current-and-earlier = yang ditolak hanya kata sandi saat ini dan { $n } sebelumnya
standard-has-no-history = tidak ada yang ditolak
standard-has-only-earlier = yang ditolak hanya { $n } sebelum kata sandi saat ini
standard-has-nfc = kata sandi diubah ke bentuk normal C
standard-has-as-typed = kata sandi dipakai persis seperti diketik
standard-has-nothing = kebijakan ini tidak punya aturan itu
standard-class-upper = huruf besar
standard-class-lower = huruf kecil
standard-class-letter = huruf
standard-class-digit = angka
standard-class-symbol = simbol
