"""Whether a text is nothing but the report of a failure."""

import re

from reev_flow.analysis.meaning.failure import SCRIPT_FRAME, TRACEBACK, without_stack

LONGEST_REPORT = 600  # characters; longer texts are documents
LONGEST_PLAIN = 300  # of a report that begins as any sentence may
LONGEST_WITH_STACK = 5_000

_STATUS = r"[45]\d\d"
# A number after it is a margin of error, unless it is a status.
_NO_MARGIN = rf"(?!\s*:?\s*[-+\u00b1]?(?!{_STATUS}\b)\d[\d.,]*\s*%?\s*(?:$|[,;\u00b1(\n]))"
_DOING = (
    r"(?:while|when|executing|calling|running|invoking|occurred|during|fetching|retrieving|connecting|loading|parsing|processing|accessing|"
    r"getting|querying|searching|sending|creating|updating|deleting|opening|downloading|performing|communicating|on parsing)"
)
_KIND = r"(?:(?:input|output|tool|request|response|internal|unexpected|api|http|rate|network|data|json|remote|access|agent|function) )?"
_REQUEST = (
    r"(?:tool|function|command|request|query|operation|execution|call|search|fetch|lookup|look-up|download|upload|connection|authentication|"
    r"authorization|login|retrieval|invocation|api)"
)
_SUBJECT = r"(?:handling|logging|reporting|tracking|monitoring|correcting|proofing|messaging|modell?ing|testing)"  # that one may read of
_NAMED = (
    r"bad request|unauthori[sz]ed|forbidden|not found|conflict|gone|unprocessable|too many|internal server|service|(?:bad )?gateway|"
    r"request time-?out|method not|(?:client|server) error|error\b"
)

SAYS_ERROR = re.compile(
    r"\W{0,9}(?:"  # marks and brackets; no more, so that lines of them cost nothing
    r"(?:fehler|erreur|erro|errore|fout|ошибка|エラー|错误|錯誤|오류)\s*[:\uff1a]"
    r"|(?:(?:es ist )?ein fehler (?:ist )?aufgetreten|une erreur (?:s['\u2019]est|est survenue)|(?:ha ocurrido|ocurrió|se produjo|hubo) un error|ocorreu um erro|"
    r"si è verificato un errore|произошла ошибка|发生错误|發生錯誤|エラーが発生|오류가 발생)"
    r"|<(?:\w+_)?error>"
    rf"|(?:\S{{1,60}} ){{0,3}}?{_REQUEST}(?: \S{{1,200}}){{0,3}} failed\s*(?:$|[:(.]|[-\u2013\u2014] |(?:with|because|due to|after)\b)"
    rf"|(?:(?:an )?(?!the ){_KIND}(?:\w+ )?(?:error|exception)(?: -?\d{{1,5}})?|[A-Za-z.]+(?:Error|Exception)){_NO_MARGIN}\s*"
    rf"(?:[:(\]]|[-\u2013\u2014] |{_DOING}\b)"
    rf"|error (?!{_SUBJECT})[a-z]+ing [^\n:?]{{1,150}}: \S"
    r"|(?:the following )?(?:error|exception)s? occurred (?:while|when|during)\b"
    r"|(?:unable to|could not|cannot) (?!find|locate|determine|identify)[a-z]+ [^\n:.?]{1,150}: \S"
    r"|failed to [a-z]+(?: |\W*$)|fail(?:ed|ure)\s*: "
    rf"|(?:http(?:/[\d.]+)?(?: error)?[\s:]+|(?:http )?status(?: code)?[\s:=]+|request failed with status(?: code)?[\s:=]+)?{_STATUS}\b[\])'\"\s:\u2013-]+(?:{_NAMED})"
    rf"|(?:http(?: error| status)?|(?:unexpected |received |got )?status code|request failed with status(?: code)?|error code)[\s:=]+{_STATUS}\W*$"
    rf"|(?:client|server) error\W+{_STATUS}\b"
    r"|.{0,60}\bencountered an? (?:\w+ )?error\b|encountered error\b)",
    re.IGNORECASE,
)

# Most texts have none of these, which is soon seen.
HINTS = (
    "err", "exception", "fail", "fehler", "fout", "http", "status", "unable", "could", "cannot", "can not", "can't", "can\u2019t", "timed", "timeout",
    "time-out", "limit", "exceeded", "denied", "connection", "too many", "unavailable", "unauthori", "forbidden", "gateway", "api key", "authentication",
    "something", "ошибк", "エラー", "错误", "錯誤", "오류",
)  # fmt: skip
HINTED_IN, STATUS_IN = 250, 12  # characters; a status stands earlier when no word is before it

# As one says it to a person; any sentence may begin so, and a question does.
SAYS_IT_PLAINLY = re.compile(
    r"\W{0,9}(?:oops\W+|sorry\W+|apologies\W+|(?:i['\u2019]m|i am|we['\u2019]re|we are) sorry\W+)?(?:but )?(?:"
    r"(?:an |there was an )(?:\w+ )?error\b|something went wrong\b|"
    r"(?:(?:i|we|the \w+|the \w+ \w+) )?(?:(?:am|are|is|was|were) )?(?:currently |temporarily )?(?:unable to|could not|couldn['\u2019]t|cannot|can ?not|can['\u2019]t) "
    r"(?:be )?(?:connect|reach|fetch|retriev|load|access|read|open|download|parse|execute|contact|query|authenticate|authori[sz]e|establish|"
    r"invoke|obtain|(?:complete|process|perform) (?:the |your |this )?(?:request|operation|search|query))(?:e?d)?\b|"
    r"(?:the )?(?:\w+ ){0,2}(?:timed out|time-?out (?:of|after|exceeded|expired|reached)|rate limit(?:ed)?(?: was)? (?:exceeded|reached|hit)|too many requests|"
    r"quota exceeded|(?:access|permission) denied|connection (?:was )?(?:refused|reset|closed|aborted)|service (?:is )?(?:temporarily |currently )?unavailable|unauthori[sz]ed|forbidden|"
    r"internal server error|bad gateway|invalid api key|authentication (?:failed|required))"
    r"\s*(?:$|[:.;!]|\((?:status|code|error|http)|[-\u2013\u2014] |(?:when|after|while|please)\b))(?![^.!\n]*\?)",
    re.IGNORECASE,
)


def reported_words(text: str, *, names_itself: bool = False, is_answer: bool = False) -> str | None:
    """The report, without a stack that is glued to it. Where a tool names itself, what it was given may be quoted at length. An answer to a
    person may begin as plain reports do.
    """
    if text.startswith(TRACEBACK):
        said = without_stack(text)
        return said if len(said) <= LONGEST_REPORT else None
    if not _has_a_hint(text):
        return None
    begins_so = SAYS_ERROR.match(text[:LONGEST_REPORT]) is not None
    if not begins_so and (is_answer or len(text) > LONGEST_PLAIN or not SAYS_IT_PLAINLY.match(text)):
        return None
    if len(text) <= LONGEST_REPORT and TRACEBACK not in text:
        return text
    has_stack = len(text) <= LONGEST_WITH_STACK and (TRACEBACK in text or SCRIPT_FRAME.search(text) is not None)
    said = without_stack(text) if has_stack else text
    return said if len(said) <= (LONGEST_WITH_STACK if names_itself else LONGEST_REPORT) else None


def _has_a_hint(text: str) -> bool:
    said = text[:HINTED_IN].lower()
    return any(hint in said for hint in HINTS) or "4" in said[:STATUS_IN] or "5" in said[:STATUS_IN]
