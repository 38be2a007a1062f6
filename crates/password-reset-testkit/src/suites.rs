//! The promises of the ports, as tests that anybody's adapter can run.
//!
//! Each case is a function of a fixture; each port has a macro that makes one test of every case, so that a failure
//! names the promise that was broken. There are no optional parts: an adapter keeps all of it or is not one. Cases
//! expect a *fresh* fixture, that is, an empty store or table that no other test uses at the same time; the races need
//! a runtime with several threads, which the macros set up.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::panic_in_result_fn,
    clippy::missing_panics_doc,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "test support: a broken promise is shown by a panic, and the counts here are small"
)]

pub mod accounts;
pub mod candidates;
pub mod export;
pub mod feed;
mod fixtures;
mod in_memory;
pub mod notifier;
pub mod numbers;
pub mod races;
pub mod realms;
pub mod rotation;
pub mod senders;
pub mod service;
pub mod steps;
pub mod store;
pub mod tasks;
pub mod upkeep;
pub mod user_table;
pub mod writing;

use std::sync::Arc;
use std::time::Duration;

use password_reset::AccountId;
use password_reset::flow::{Reset, Step};
use password_reset::ports::{
    Ack, Acknowledged, Attempt, Attempted, AuditFilter, Opened, PermitTaken, ResetStore, Transitioned,
};
use tokio::sync::Barrier;

pub use self::fixtures::{AccountSpec, AccountsFixture, NotifierFixture, StoreFixture, UserTableFixture};

/// Runs a case, and fails it when it hangs: a deadlock in an adapter must not stop a whole test run.
#[doc(hidden)]
pub async fn ends<C: Future<Output = ()> + Send>(name: &str, case: C) {
    let limit = Duration::from_secs(300);
    assert!(tokio::time::timeout(limit, Box::pin(case)).await.is_ok(), "{name} hangs: a deadlock, or a lost wake-up");
}

/// Starts `count` tasks at the same moment and returns what they return, in their order.
pub(crate) async fn all_at_once<T, F>(count: usize, task: impl Fn(usize) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let barrier = Arc::new(Barrier::new(count));
    let tasks: Vec<_> = (0..count)
        .map(|number| {
            let (barrier, task) = (Arc::clone(&barrier), task(number));
            tokio::spawn(async move {
                barrier.wait().await;
                task.await
            })
        })
        .collect();
    let mut results = Vec::with_capacity(count);
    for task in tasks {
        results.push(task.await.expect("a task of a race must not panic"));
    }
    results
}

/// The newest audit rows of an account.
pub(crate) fn newest(account: &AccountId, limit: u32) -> AuditFilter {
    AuditFilter::Newest { account: account.clone(), limit }
}

/// Acknowledges the tasks of one row.
pub(crate) async fn acknowledged(store: &dyn ResetStore, ack: &Ack) -> Acknowledged {
    let acknowledged = store.acknowledge(std::slice::from_ref(ack)).await.expect("acknowledge must succeed");
    let [acknowledged] = <[Acknowledged; 1]>::try_from(acknowledged).expect("one answer for each ack");
    acknowledged
}

/// The row after an attempt that must be counted, and what its quotas gave.
pub(crate) async fn counted(store: &dyn ResetStore, attempt: &Attempt) -> (Reset, Vec<PermitTaken>) {
    match store.attempt(attempt).await.expect("attempt must succeed") {
        Attempted::Counted { loaded, permits } => (loaded.reset, permits),
        other => panic!("the attempt must be counted, not {other:?}"),
    }
}

/// Stores a row as it is.
pub(crate) async fn stored(store: &dyn ResetStore, reset: Reset) -> Reset {
    let opened = store.open(&reset, None, None, &[]).await.expect("open must succeed");
    assert_eq!(opened, Opened::Stored, "without a source nothing is limited");
    reset
}

/// Carries out a step that must be taken, and returns the row as it is stored then.
pub(crate) async fn moved(store: &dyn ResetStore, step: &Step) -> Reset {
    let advanced = store.transition(step).await.expect("transition must succeed");
    assert_eq!(advanced, Transitioned::Moved { lease: None }, "a step from the present version must be taken");
    loaded(store, step.after()).await
}

/// The row as it is stored now.
pub(crate) async fn loaded(store: &dyn ResetStore, reset: &Reset) -> Reset {
    store.load(reset.id()).await.expect("load must succeed").expect("the reset must be stored").reset
}

#[doc(hidden)]
#[macro_export]
macro_rules! __cases {
    ($fixture:expr, $suite:ident: $($case:ident)+) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $case() {
                let fixture = ($fixture)().await;
                $crate::suites::ends(stringify!($case), $crate::suites::$suite::$case(&fixture)).await;
            }
        )+
    };
}

/// Makes one test of every promise of [`ResetStore`](password_reset::ports::ResetStore).
///
/// Takes an `async fn() -> impl StoreFixture` that makes a fresh store for every call. Put it in a module of its own;
/// the crate that calls it needs `tokio` with `macros`, `rt-multi-thread` and `time`.
///
/// ```
/// use std::sync::Arc;
/// use password_reset_testkit::MemoryStore;
///
/// async fn fresh() -> Arc<MemoryStore> {
///     Arc::new(MemoryStore::new())
/// }
/// password_reset_testkit::store_conformance!(fresh);
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! store_conformance {
    ($fixture:expr) => {
        $crate::__cases!($fixture, store:
            every_column_comes_back
            a_reset_that_is_not_there_is_not_found
            an_id_is_taken_once
            opening_writes_its_audit_rows
            a_source_over_its_limit_stores_nothing
            attempts_are_counted_up_to_the_limit
            attempts_of_an_unknown_reset_are_not_counted
            an_attempt_takes_a_permit_of_each_quota
            quotas_are_refilled
            the_state_of_an_account_is_its_own
            a_row_that_is_opened_under_a_lease_is_not_due
        );
        $crate::__cases!($fixture, steps:
            a_step_is_taken_once
            a_step_from_another_version_changes_nothing
            a_step_of_an_unknown_reset_changes_nothing
            a_step_is_refused_from_the_millisecond_of_expiry
            finishing_and_closing_do_not_mind_expiry
            a_step_leaves_counters_alone
            a_step_adds_and_removes_and_does_not_overwrite
            a_step_without_new_tasks_leaves_the_time_to_look
            finishing_closes_the_siblings
            locking_closes_the_siblings
            other_steps_close_nothing
            a_step_takes_its_permit_or_changes_nothing
            a_step_refills_the_quotas_that_it_says
            a_step_takes_a_lease_that_is_free
        );
        $crate::__cases!($fixture, senders:
            a_message_finds_the_reset_of_its_key
            an_inbound_key_is_taken_once
            a_sender_is_known_by_number_and_name
            a_step_that_is_not_taken_learns_nothing
            what_is_open_keeps_what_was_known
            a_name_goes_to_the_number_that_has_it_last
            a_sender_is_forgotten
            senders_go_with_their_account_and_with_time
            live_resets_are_those_of_the_account
            versions_are_those_of_the_rows
            keys_are_in_use_until_their_last_reset_expires
        );
        $crate::__cases!($fixture, tasks:
            a_row_is_due_from_its_time_on
            rows_that_wait_longest_come_first
            a_lease_holds_until_it_runs_out
            what_was_put_off_or_leased_before_the_clock_was_set_back_is_due
            what_is_due_now_and_what_is_ahead_share_the_limit
            a_step_leaves_the_lease_alone
            an_ack_takes_tasks_off_and_gives_the_lease_back
            an_ack_without_the_lease_changes_nothing
            an_ack_keeps_tasks_that_came_meanwhile
            an_ack_may_keep_the_lease_for_what_came_meanwhile
            a_kept_lease_runs_out
            many_acks_are_answered_in_their_order
            of_many_acks_of_one_row_one_counts
            a_look_finds_what_is_overdue
        );
        $crate::__cases!($fixture, upkeep:
            a_quota_gives_its_burst_and_refills
            a_quota_does_not_stay_empty_when_the_clock_is_set_back
            quotas_do_not_share
            the_newest_audit_rows_come_first_and_are_of_one_account
            every_audit_column_comes_back
            the_newest_of_each_contact_are_found
            purge_takes_resets_that_are_past_their_time
            purge_never_takes_a_row_with_tasks
            purge_takes_full_quotas_and_old_audit_rows
            purge_takes_noise_by_its_own_time
            purge_is_limited_for_each_kind
            erasing_takes_everything_of_the_account_and_nothing_else
            erasing_takes_what_is_left_after_a_purge
            erasing_takes_requests_that_name_the_account
        );
        $crate::__cases!($fixture, feed:
            the_trail_comes_in_the_order_in_which_it_was_written
            rows_from_before_a_time_are_left_out
            the_trail_has_the_rows_of_every_write
            a_cursor_outlives_the_rows_before_it
            a_cursor_of_another_store_is_refused
            the_trail_is_of_one_realm
            a_reader_beside_writers_misses_nothing
            a_feed_is_leased_to_one_reader
            a_place_moves_under_its_lease_alone
            feeds_are_of_one_name_and_realm
        );
        $crate::__cases!($fixture, export:
            what_is_erased_is_what_was_exported
        );
        $crate::__cases!($fixture, realms:
            rows_of_another_realm_are_not_found
            rows_of_another_realm_are_not_changed
            accounts_of_two_realms_with_one_id_are_two
            two_realms_may_have_equal_keys
        );
        $crate::__cases!($fixture, races:
            one_of_many_equal_steps_is_taken
            one_of_many_different_steps_is_taken
            one_of_many_resets_sets_the_password
            a_sibling_is_closed_if_it_was_there
            no_more_attempts_than_the_limit
            no_more_attempts_than_a_quota_has_permits
            attempts_and_steps_leave_each_other_alone
            a_due_row_is_leased_once
            a_lease_is_given_back_once
            acks_and_steps_leave_each_other_alone
            a_quota_gives_no_more_than_its_burst
            one_of_many_equal_claims_is_taken
            a_claim_brings_no_quota_back
            a_source_gets_no_more_than_its_limit
        );
    };
}

/// Makes one test of every further promise of a [`ResetStore`](password_reset::ports::ResetStore) that writes the
/// account in the transaction of the step.
///
/// Takes an `async fn() -> impl StoreFixture + AccountsFixture` that makes a fresh store and a fresh table in one
/// database for every call. Such a store keeps the promises of [`store_conformance!`] too.
#[macro_export]
macro_rules! writing_store_conformance {
    ($fixture:expr) => {
        $crate::__cases!($fixture, writing:
            a_step_writes_the_account_and_finishes
            a_reset_is_loaded_with_its_account
            the_first_password_is_written
            a_step_without_a_change_leaves_the_account
            a_changed_hash_makes_the_step_stale
            a_disabled_account_makes_the_step_stale
            an_account_that_is_gone_makes_the_step_stale
            a_conflict_leaves_the_account
            an_expired_reset_leaves_the_account
            the_same_step_again_writes_nothing
            one_of_many_resets_writes_the_account
            one_of_many_passwords_of_a_reset_is_written
            a_reset_and_a_login_page_do_not_both_win
        );
    };
}

/// Makes one test of every promise that a whole service keeps on a [`ResetStore`](password_reset::ports::ResetStore).
///
/// Takes an `async fn() -> impl StoreFixture` that makes a fresh store for every call, one that leaves the accounts alone.
#[macro_export]
macro_rules! service_conformance {
    ($fixture:expr) => {
        $crate::__cases!($fixture, service:
            a_worker_sends_nothing_of_another_realm
            a_request_is_shown_by_its_own_times
            a_step_with_a_change_is_its_first_half
            a_code_that_does_not_arrive_is_followed_by_one_mail
            one_mail_lists_the_accounts_of_a_mailbox
            erasing_an_account_leaves_nothing_that_names_it
        );
        $crate::__cases!($fixture, rotation:
            what_one_node_made_another_takes_while_keys_rotate
            a_pause_and_a_cap_outlast_a_rotation
        );
    };
}

/// Makes one test of every promise of [`Accounts`](password_reset::ports::Accounts).
///
/// Takes an `async fn() -> impl AccountsFixture` that makes a fresh table for every call.
#[macro_export]
macro_rules! accounts_conformance {
    ($fixture:expr) => {
        $crate::__cases!($fixture, accounts:
            an_address_finds_its_account
            a_username_finds_its_account
            a_number_finds_its_account
            a_number_finds_its_account_by_its_other_form
            an_address_finds_its_account_whatever_its_ascii_case
            two_accounts_of_one_name_are_both_found
            a_name_that_nobody_has_finds_nobody
            a_kind_of_name_is_not_another_kind
            look_alike_usernames_do_not_match
            look_alike_addresses_do_not_match
            an_account_that_is_not_there_is_not_loaded
            a_disabled_account_is_shown_as_barred
            a_password_is_changed_once
            a_first_password_is_set
            a_changed_hash_is_stale
            a_disabled_account_is_stale
            an_account_that_is_gone_is_stale
            one_of_many_changes_wins
            the_same_change_many_times_is_done
            sessions_can_be_ended_again_and_again
        );
        $crate::__cases!($fixture, candidates:
            an_account_that_could_be_reset_comes_before_the_others
            the_owner_gets_a_link_whatever_rows_strangers_sign_up
        );
        $crate::__cases!($fixture, numbers:
            a_number_without_a_country_is_one_of_the_home_country
            one_number_in_two_forms_is_ambiguous
            a_number_that_changed_is_stale
        );
    };
}

/// Makes one test of every promise of an adapter that reads a table as [`UserTable`](password_reset::ports::UserTable) names it.
///
/// Takes an `async fn() -> impl UserTableFixture` that makes a fresh database for every call.
#[macro_export]
macro_rules! user_table_conformance {
    ($fixture:expr) => {
        $crate::__cases!($fixture, user_table:
            columns_say_what_they_say
            a_password_is_set_only_on_the_account_as_it_was
            values_are_values_whatever_is_in_them
            a_domain_in_another_script_is_found_as_it_was_typed
            the_last_five_hashes_are_kept_newest_first_and_older_ones_are_deleted
        );
    };
}

/// Makes one test of every promise of [`Notifier`](password_reset::ports::Notifier).
///
/// Takes an `async fn() -> impl NotifierFixture` that makes a fresh notifier for every call.
#[macro_export]
macro_rules! notifier_conformance {
    ($fixture:expr) => {
        $crate::__cases!($fixture, notifier:
            a_message_arrives_at_its_one_recipient
            every_kind_of_message_is_delivered
            a_message_may_come_again
            a_contact_of_another_kind_is_never_reached
            many_messages_at_once_all_arrive
        );
    };
}
