"""What to do about a run, and what that is predicted to save."""

from decimal import Decimal

from hypothesis import given

from reev_flow.analysis.advice.predicted_savings import MOST_REPLAYED
from reev_flow.analysis.advice.recommendations import Recommendation, RecommendationEngine, recommendations_of
from reev_flow.analysis.advice.recommended_deeds import DEEDS
from reev_flow.analysis.advice.span_shares import SpanShares
from reev_flow.analysis.calls.prices import ModelPrice, Prices
from reev_flow.analysis.findings import Finding, Severity
from reev_flow.analysis.rules.rulebook import RULES
from reev_flow.analysis.run_facts import RunFacts
from reev_flow.trace.trace import Trace
from support.draw import MS, draw
from support.forests import forests

SECOND = 1_000

REPEATED = """
    agent:planner                       ################
      llm:gpt                           ##                asks=search
      tool:search(q=one) -> found it      ####
      llm:gpt                                 ##          asks=search
      tool:search(q=one) -> found it            ####
      llm:gpt                                       ####  answer=done
"""
BESIDE = """
    agent:planner                       ################
      llm:gpt                           ##                asks=search
      tool:search(q=one) -> found it      ####
      llm:gpt                                 ##          asks=search
      tool:search(q=one) -> found it            ####
      tool:slow(q=two) -> it is there           ###
      llm:gpt                                       ####  answer=done
"""
IN_A_ROW = """
    agent:planner                 ############
      llm:gpt                     ##              asks=look,find
      tool:look(x=1) -> one         ####
      tool:find(x=2) -> two             ###
      llm:gpt                              ###    answer="both"
"""
REFUSED = """
    agent:planner             ################
      llm:gpt                 ##                asks=pay
      tool:pay(x=1)             !!              error="403 Forbidden"
      llm:gpt                     ##            asks=pay
      tool:pay(x=2)                 !!          error="403 Forbidden"
      llm:gpt                         ########  answer="it is paid"
"""
LOOP = """
    agent:planner             ############################
      llm:gpt                 #                             asks=a,b in=100 out=10
      tool:find_a(x=1) -> one  ##
      tool:find_b(x=1) -> two    ##
      llm:gpt                      #                        asks=a,b in=200 out=10
      tool:find_a(x=1) -> one       ##
      tool:find_b(x=1) -> two         ##
      llm:gpt                           #                   asks=a,b in=300 out=10
      tool:find_a(x=1) -> one            ##
      tool:find_b(x=1) -> two              ##
      llm:gpt                                ############   in=400 out=20 answer=done
""".replace("asks=a,b", "asks=find_a,find_b")


def recommended(picture: str, *, ms_per_column: int = SECOND, prices: Prices | None = None) -> list[Recommendation]:
    engine = RecommendationEngine(prices=prices) if prices else RecommendationEngine()
    return list(engine.recommend(draw(picture, ms_per_column=ms_per_column)))


def about(code: str, picture: str) -> Recommendation:
    return next(one for one in recommended(picture) if code in one.codes)


def test_what_was_asked_twice_would_save_its_second_time():
    assert about("RF101", REPEATED).saving.duration_ns == 4 * SECOND * MS


def test_what_other_work_would_take_the_place_of_is_not_saved():
    """The slow tool beside the second search ends a second before it."""
    assert about("RF101", BESIDE).saving.duration_ns == 1 * SECOND * MS


def test_a_replayed_saving_is_no_bound():
    saving = about("RF101", BESIDE).saving
    assert (saving.is_bound, saving.is_guess) == (False, True)


def test_steps_side_by_side_would_take_as_long_as_the_longest():
    assert about("RF105", IN_A_ROW).saving.duration_ns == 3 * SECOND * MS


def test_a_recommendation_says_what_to_do_where_and_what_it_gives():
    found = about("RF101", REPEATED)
    assert found.message == (
        "keep what tool search told the first time and hand it on: the run takes 4.00 s (25%) less"
    )


def test_a_recommendation_shows_the_evidence_of_its_findings():
    found = about("RF101", REPEATED)
    assert (found.codes, found.evidence) == (("RF101",), (f"{3:016x}", f"{5:016x}"))


def test_several_findings_about_one_failure_have_one_cure():
    found = recommended(REFUSED)
    assert [one.codes for one in found] == [("RF204", "RF201")]


def test_the_root_of_a_failure_says_what_to_do():
    assert about("RF201", REFUSED).message.startswith(
        "renew or correct the credentials for tool pay, and let the answer"
    )


def test_a_recommendation_is_as_severe_as_its_worst_finding():
    assert about("RF204", REFUSED).severity is Severity.ERROR


def test_a_loop_and_the_repeats_in_it_have_one_cure():
    found = about("RF103", LOOP)
    assert {"RF101", "RF103"} == set(found.codes)


def test_without_its_later_rounds_a_loop_spares_the_calls_and_the_models_that_asked_for_them():
    """Two rounds of two calls and a turn, a second for the turn and four for the calls."""
    saving = about("RF103", LOOP).saving
    assert (saving.duration_ns // MS, saving.tokens) == (10 * SECOND, 520)


def test_what_a_prediction_rests_on_is_said():
    assert about("RF103", LOOP).message.endswith("less if it ended after the first round, about 520 tokens less")


def test_with_prices_savings_are_told_in_dollars():
    prices = Prices([ModelPrice(model="gpt", input=Decimal(10), output=Decimal(100))])
    found = next(one for one in recommended(LOOP, prices=prices) if "RF103" in one.codes)
    assert found.saving.cost == Decimal("0.007")


def test_without_prices_nothing_is_said_of_dollars():
    assert about("RF103", LOOP).saving.cost is None


def test_what_made_the_run_wrong_comes_before_what_made_it_slow():
    wrong = '      tool:pay(x=2)      !   error="403 Forbidden"\n'
    severities = [one.severity for one in recommended(REPEATED + wrong)]
    assert severities == sorted(severities, key=lambda severity: severity is not Severity.ERROR)


def test_what_saves_more_comes_first():
    found = recommended("""
        agent:planner                        ##########################
          llm:gpt                            ##                         asks=search
          tool:search(q=one) -> found it       #
          llm:gpt                               ##                      asks=search
          tool:search(q=one) -> found it          #
          llm:gpt                                  ##                   asks=look
          tool:look(q=two) -> a long story           ####
          llm:gpt                                        ##             asks=look
          tool:look(q=two) -> a long story                 ####
          llm:gpt                                              ##       answer=done
    """)
    assert [one.where for one in found if one.codes == ("RF101",)] == [("look",), ("search",)]


def test_nothing_is_recommended_for_a_clean_run():
    assert recommended("llm:gpt  ##  answer=hello") == []


def test_the_same_secret_kind_everywhere_is_one_recommendation():
    shares = shares_of(draw(REPEATED))
    findings = [finding_about("RF404", 3), finding_about("RF404", 2)]
    assert len(recommendations_of(shares, findings)) == 1


def test_one_code_about_different_operations_is_several_recommendations():
    shares = shares_of(draw(REFUSED))
    findings = [finding_about("RF206", 3), finding_about("RF206", 2)]
    assert len(recommendations_of(shares, findings)) == 2


def test_a_code_of_somebody_elses_is_recommended_in_the_words_of_its_advice():
    (found,) = recommendations_of(shares_of(draw(REPEATED)), [finding_about("XX001", 3)])
    assert found.message == "mend it (tool search)"


def test_evidence_that_the_trace_does_not_have_is_left_out():
    (found,) = recommendations_of(shares_of(draw(REPEATED)), [finding_about("RF206", 77)])
    assert (found.evidence, found.message.split(" again")[0]) == ((), "try the run")


def test_every_rule_has_words_for_what_to_do():
    assert {rule.code for rule in RULES} <= DEEDS.keys()


def test_beyond_the_most_that_are_replayed_a_saving_is_a_bound():
    many = MOST_REPLAYED + 1
    lines = [f"agent:planner  {'#' * (many * 8)}"]
    for number in range(many):
        for again in range(2):
            blanks = " " * (number * 8 + again * 4)
            lines.append(f"  llm:gpt  {blanks}#  asks=find{number}")
            lines.append(f"  tool:find{number}(x=1) -> a long story  {blanks} ###")
    bounds = [one.saving.is_bound for one in recommended(aligned(lines)) if one.codes == ("RF101",)]
    assert bounds.count(True) == 1


@given(forests())
def test_no_recommendation_saves_more_than_the_run(trace: Trace):
    for one in RecommendationEngine().recommend(trace):
        assert 0 <= one.saving.duration_ns <= trace.duration_ns


def shares_of(trace: Trace) -> SpanShares:
    return SpanShares(RunFacts(trace))


def finding_about(code: str, line: int) -> Finding:
    """Of the span that is drawn in this line."""
    return Finding(
        code=code,
        name="made-up",
        severity=Severity.WARNING,
        message="something was seen",
        advice="mend it",
        evidence=(f"{line:016x}",),
        confidence=0.8,
    )


def aligned(lines: list[str]) -> str:
    """The bars of all lines in one column: the words end with two blanks."""
    cut = [line.find("  ", len(line) - len(line.lstrip())) for line in lines]
    width = max(cut) + 2
    return "\n".join(line[:at].ljust(width) + line[at + 2 :] for line, at in zip(lines, cut, strict=True))
