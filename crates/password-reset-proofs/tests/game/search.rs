//! The search: breadth first, so that the run that is shown is a shortest one.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write as _;

use password_reset::ResetId;
use password_reset::flow::State;

use crate::acts::{Act, Cut, Verb, Violation};
use crate::jobs::Outcome;
use crate::play::{Left, Play, Position, Setting, reset_of};
use crate::ports::{Machine, block_on};
use crate::properties;

/// What may be done in one search.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    pub(crate) setting: Setting,
    pub(crate) verbs: &'static [Verb],
    pub(crate) nodes: u8,
    /// Verbs that a verb of the owner's may be in the middle of.
    pub(crate) races: &'static [(Verb, Verb)],
    pub(crate) left: Left,
    pub(crate) depth: usize,
    /// The search ends when it has seen so many positions.
    pub(crate) most: usize,
}

/// What a search saw.
#[derive(Debug)]
pub(crate) struct Searched {
    pub(crate) positions: usize,
    pub(crate) acts: usize,
    pub(crate) depth: usize,
    /// All runs of so many acts were seen.
    pub(crate) whole: usize,
    /// The first property that does not hold, and the shortest run to it.
    pub(crate) violation: Option<(Violation, Vec<Act>)>,
}

/// Which counter of what is left an act takes from.
fn cost(left: &mut Left, act: &Act) -> Option<()> {
    let of = match act.verb {
        verb if verb.is_strangers() => &mut left.strangers,
        Verb::Waits(minutes) if minutes > 1_000 => &mut left.purges,
        Verb::Waits(_) => &mut left.waits,
        Verb::GoesBack => &mut left.set_backs,
        Verb::Rotates => &mut left.rotations,
        Verb::ChangesElsewhere => &mut left.changes,
        Verb::Receives(_) => &mut left.webhooks,
        Verb::Works => return take_fault(left, act),
        _ => &mut left.owners,
    };
    *of = of.checked_sub(1)?;
    take_fault(left, act)
}

fn take_fault(left: &mut Left, act: &Act) -> Option<()> {
    if act.cut != Cut::Nothing {
        left.faults = left.faults.checked_sub(1)?;
    }
    Some(())
}

/// A position after an act, and what it takes to go on from it.
struct Found {
    position: Position,
    depth: usize,
    run: usize,
}

/// Runs the search.
pub(crate) fn search(rules: &Rules) -> Searched {
    let machine = Machine::new();
    let mut searched = Searched { positions: 0, acts: 0, depth: 0, whole: rules.depth, violation: None };
    let mut seen = HashSet::new();
    let mut runs: Vec<(usize, Option<Act>)> = vec![(0, None)];
    let mut queue = VecDeque::new();
    let first = Position::first(rules.left);
    seen.insert(fingerprint(&rules.setting, &machine, &first));
    if let Err(violation) = properties::check(&rules.setting, &machine, &first) {
        searched.violation = Some((violation, Vec::new()));
        return searched;
    }
    queue.push_back(Found { position: first, depth: 0, run: 0 });
    searched.positions = 1;
    while let Some(found) = queue.pop_front() {
        if found.depth >= rules.depth {
            continue;
        }
        if searched.positions >= rules.most {
            searched.whole = found.depth;
            break;
        }
        let mut acts: VecDeque<Act> = plain_acts(rules).into();
        // Attempts to set a password that succeed here when nothing happens in their middle.
        let mut succeed: Vec<Act> = Vec::new();
        while let Some(act) = acts.pop_front() {
            let mut left = found.position.known.left;
            if cost(&mut left, &act).is_none() {
                continue;
            }
            let mut play = Play::resume(&rules.setting, &machine, &found.position);
            if !play.can(act.verb) || !may_rotate(&play, act) {
                continue;
            }
            play.known.left = left;
            searched.acts += 1;
            let run = |runs: &mut Vec<(usize, Option<Act>)>| {
                runs.push((found.run, Some(act)));
                runs.len() - 1
            };
            let done = match block_on(play.act(act)) {
                Ok(done) => done,
                Err(violation) => {
                    let last = run(&mut runs);
                    searched.violation = Some((violation, trace(&runs, last)));
                    return searched;
                }
            };
            if act.cut == Cut::Nothing && done.outcomes.iter().any(|it| matches!(it, Outcome::Set { .. })) {
                succeed.push(act);
            }
            if matches!(act.cut, Cut::Crash(_)) && succeed.contains(&Act::of(act.verb, act.node)) {
                let attempt = Play::resume(&rules.setting, &machine, &found.position).job(act.verb).unwrap();
                let again = properties::again(&rules.setting, &machine, &play.position(), attempt);
                if let Err(violation) = again {
                    let last = run(&mut runs);
                    searched.violation = Some((violation, trace(&runs, last)));
                    return searched;
                }
            }
            if act.cut == Cut::Nothing && left.faults > 0 {
                acts.extend(cut_acts(rules, act, done.calls.len()));
            }
            if act.is_lucky() {
                continue;
            }
            let position = play.position();
            if !seen.insert(fingerprint(&rules.setting, &machine, &position)) {
                continue;
            }
            searched.positions += 1;
            searched.depth = searched.depth.max(found.depth + 1);
            let last = run(&mut runs);
            if let Err(violation) = properties::check(&rules.setting, &machine, &position) {
                searched.violation = Some((violation, trace(&runs, last)));
                return searched;
            }
            queue.push_back(Found { position, depth: found.depth + 1, run: last });
        }
    }
    searched
}

/// Prints a line, also where the test passes.
pub(crate) fn say(line: &str) {
    writeln!(std::io::stdout().lock(), "{line}").unwrap();
}

/// A search, with its counts printed.
pub(crate) fn play_out(rules: &Rules) -> Searched {
    let searched = search(rules);
    let end = match &searched.violation {
        None => format!("all runs of {} acts", searched.whole),
        Some((violation, _)) => violation.clone(),
    };
    say(&format!(
        "game: {}: {} positions by {} acts, {} deep; {end}",
        rules.setting.name, searched.positions, searched.acts, searched.depth,
    ));
    searched
}

pub(crate) fn plain_acts(rules: &Rules) -> Vec<Act> {
    let mut acts = Vec::new();
    for verb in rules.verbs {
        // Where the nodes differ by their keys alone, one of them is enough until there are keys to differ by.
        let nodes = if rules.left.rotations > 0 || matches!(verb, Verb::Rotates) { rules.nodes } else { 1 };
        acts.extend((0..nodes).map(|node| Act::of(*verb, node)));
    }
    acts
}

/// The same act with a crash before each of its calls, or after the last; and with another in its middle.
fn cut_acts(rules: &Rules, act: Act, calls: usize) -> Vec<Act> {
    let mut acts = Vec::new();
    let crashes = !matches!(act.verb, Verb::StrangerAsks(_) | Verb::StrangerGuesses | Verb::StrangerForges);
    if crashes {
        acts.extend((1..=calls).map(|call| act.cut(Cut::Crash(call))));
    }
    for (_, second) in rules.races.iter().filter(|(first, _)| *first == act.verb) {
        acts.extend((1..=calls).map(|call| act.cut(Cut::Race(call, *second))));
    }
    acts
}

/// Phases of two nodes are never further apart than one.
pub(crate) fn may_rotate(play: &Play, act: Act) -> bool {
    let phase = play.known.phase;
    let (this, other) = (phase[usize::from(act.node)], phase[usize::from(1 - act.node)]);
    // The old key is retired when what it made is gone; here it stays.
    act.verb != Verb::Rotates || (this <= other && this < 2)
}

fn trace(runs: &[(usize, Option<Act>)], mut at: usize) -> Vec<Act> {
    let mut acts = Vec::new();
    while let (before, Some(act)) = runs[at] {
        acts.push(act);
        at = before;
    }
    acts.reverse();
    acts
}

/// The position with every random name replaced by its place, and every time by its distance from now: two positions with one
/// fingerprint have the same futures.
fn fingerprint(setting: &Setting, machine: &Machine, position: &Position) -> u64 {
    let play = Play::resume(setting, machine, position);
    let (known, now) = (&position.known, position.now);
    let from_now = |at: chrono::DateTime<chrono::Utc>| (at - now).num_milliseconds();
    let leases: BTreeMap<ResetId, _> = position.store.leases().into_iter().collect();
    let mut rows: Vec<(String, ResetId)> = Vec::new();
    for (id, row) in play.rows() {
        let row = row.stored();
        let mut text = String::new();
        let binding = row.binding.as_ref().map(|binding| {
            let times = [binding.issued_at(), binding.link_until(), binding.code_until()].map(from_now);
            (*binding.fingerprint(), times)
        });
        let hashes = if row.state == State::Applying { row.hash_digests.clone() } else { Vec::new() };
        let of_facts = (
            known.facts.issued.get(&id).map(|issued| *issued == known.facts.generation),
            known.facts.proved.contains(&id),
            known.facts.stepped_up.contains(&id),
            known.facts.cancelled.contains(&id),
            known.facts.guesses.get(&id),
        );
        let counters = (row.code_attempts, row.step_up_attempts, row.completion_attempts, row.delivery_attempts);
        let due_at = row.due_at.filter(|_| !row.tasks.is_empty()).map(|at| from_now(at).max(0));
        let times = (from_now(row.created_at), from_now(row.shown_until), from_now(row.expires_at));
        let lease = leases.get(&id).map(|until| from_now(*until)).filter(|until| *until > 0);
        let made = (row.channel, row.state, &row.identifier, &row.key_id, row.source, row.subject);
        let proofs = (row.proved_by, row.step_up, row.set_at.map(from_now), row.tasks, row.notified);
        write!(text, "{made:?}{binding:?}{hashes:?}{of_facts:?}{counters:?}{due_at:?}{times:?}{lease:?}{proofs:?}")
            .unwrap();
        rows.push((text, id));
    }
    rows.sort();
    let place = |token: &str| rows.iter().position(|(_, id)| *id == reset_of(token));
    let place_of = |reset: ResetId| rows.iter().position(|(_, id)| *id == reset);
    let mut hasher = DefaultHasher::new();
    for (text, _) in &rows {
        text.hash(&mut hasher);
    }
    for (key, full_at) in position.store.quotas() {
        if full_at > now {
            (key, from_now(full_at)).hash(&mut hasher);
        }
    }
    position.account.hash().map(|hash| hash.as_str().to_owned()).hash(&mut hasher);
    for mail in &known.mails {
        let what = (mail.link.is_some(), mail.code.is_some(), mail.is_step_up);
        (place_of(mail.reset), what, from_now(mail.until).max(0)).hash(&mut hasher);
    }
    for browser in &known.browsers {
        let dated = |token: &Option<String>| token.as_deref().map(|token| (place(token), until_of(token, now)));
        browser.requester_token.as_deref().map(place).hash(&mut hasher);
        (dated(&browser.grant), dated(&browser.partial_grant)).hash(&mut hasher);
    }
    for pair in &known.pairs {
        (place(&pair.owners), place(&pair.unknowns), pair.is_even).hash(&mut hasher);
    }
    for (_, reset, at) in &known.sent {
        (place_of(*reset), from_now(*at)).hash(&mut hasher);
    }
    (known.phase, known.left, known.facts.was_set_back, known.facts.generation).hash(&mut hasher);
    hasher.finish()
}

/// How long a grant still lives; all that have expired are the same.
fn until_of(token: &str, now: chrono::DateTime<chrono::Utc>) -> i64 {
    use base64::Engine;
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(token).unwrap();
    let millis = i64::from_be_bytes(bytes[16..24].try_into().unwrap());
    (millis - now.timestamp_millis()).max(0)
}
