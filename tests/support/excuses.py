"""What a kind of store cannot promise, and why: every other contract test is for every kind."""

NO_OPENING_AGAIN = "what is in memory ends with its store"
NO_SHARING = "each store in memory is a place of its own"
NO_DAMAGE = "nothing reaches into a process's memory"
NO_OTHER_RELEASE = "no other release writes to a process's memory"

EXCUSED: dict[str, dict[str, str]] = {
    "memory": {
        "test_what_is_acknowledged_is_there_when_the_store_is_opened_again": NO_OPENING_AGAIN,
        "test_a_lease_outlives_the_store_that_gave_it": NO_OPENING_AGAIN,
        "test_when_a_lease_was_heard_of_outlives_the_store": NO_OPENING_AGAIN,
        "test_what_was_forgotten_is_still_known_when_the_store_is_opened_again": NO_OPENING_AGAIN,
        "test_two_stores_at_one_place_see_each_other": NO_SHARING,
        "test_what_another_store_at_that_place_forgot_is_known": NO_SHARING,
        "test_a_damaged_session_is_not_loaded": NO_DAMAGE,
        "test_what_belongs_to_a_session_that_is_not_loaded_is_not_read_either": NO_DAMAGE,
        "test_other_sessions_still_load_beside_a_damaged_one": NO_DAMAGE,
        "test_a_damaged_journal_is_not_read": NO_DAMAGE,
        "test_damaged_messages_are_not_read": NO_DAMAGE,
        "test_a_damaged_session_is_left_out_of_what_is_found": NO_DAMAGE,
        "test_the_damaged_sessions_are_named": NO_DAMAGE,
        "test_a_damaged_session_is_not_pruned": NO_DAMAGE,
        "test_a_session_that_cannot_be_trusted_is_left_out_and_others_are_told": NO_DAMAGE,
        "test_nothing_is_done_to_a_damaged_session": NO_DAMAGE,
        "test_a_forgotten_session_is_not_run_again_when_what_is_kept_of_it_is_damaged": NO_DAMAGE,
        "test_a_damaged_forgotten_session_is_named": NO_DAMAGE,
        "test_a_damaged_forgotten_id_that_was_freed_can_be_used_again": NO_DAMAGE,
        "test_a_session_of_a_newer_release_is_not_loaded": NO_OTHER_RELEASE,
        "test_a_session_of_a_newer_release_is_left_as_it_is": NO_OTHER_RELEASE,
        "test_a_damaged_chunk_costs_itself_and_is_named": NO_DAMAGE,
        "test_other_traces_are_read_beside_a_damaged_one": NO_DAMAGE,
        "test_a_damaged_line_costs_no_spans": NO_DAMAGE,
        "test_a_trace_with_a_damaged_line_is_found_as_it_was": NO_DAMAGE,
        "test_a_damaged_line_is_made_again_when_something_is_added": NO_DAMAGE,
        "test_the_damaged_traces_are_named": NO_DAMAGE,
        "test_a_damaged_chunk_that_is_added_again_is_whole_again": NO_DAMAGE,
        "test_a_chunk_whose_spans_were_damaged_is_no_longer_named_when_it_was_added_again": NO_DAMAGE,
        "test_a_chunk_and_a_line_that_were_both_damaged_are_whole_again_when_the_chunk_was_added_again": NO_DAMAGE,
        "test_a_trace_of_which_nothing_is_sound_is_read_as_damaged_and_not_found": NO_DAMAGE,
        "test_a_trace_with_a_damaged_chunk_is_pruned_too": NO_DAMAGE,
        "test_a_trace_with_a_damaged_line_is_pruned_too": NO_DAMAGE,
        "test_a_damaged_age_does_not_make_a_trace_old": NO_DAMAGE,
        "test_a_damaged_age_does_not_make_a_trace_the_first_to_go_for_room": NO_DAMAGE,
        "test_a_trace_of_which_only_chunks_are_left_stays_until_it_is_named": NO_DAMAGE,
        "test_added_spans_are_there_when_the_store_is_opened_again": NO_OPENING_AGAIN,
        "test_two_trace_stores_at_one_place_see_each_other": NO_SHARING,
    },
}


def kinds_for(test: str, kinds: list[str]) -> list[str]:
    """Those that are not excused from it."""
    return [kind for kind in kinds if test not in EXCUSED.get(kind, {})]
