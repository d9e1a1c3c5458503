"""What is said of a call that cannot be made: there is no such tool, or it does not take what it was given."""

import json
import re

from reev_flow.trace.span import Value

NO_SUCH_TOOL = re.compile(
    r"\b(?:unknown|no such|non-?existent|unrecogni[sz]ed|unregistered|undefined|unsupported|invalid|hallucinated) (?:tool|function|action)\b(?! (?:input|arg|param|call id))|"
    r"\bno (?:tool|function) (?:named|called|with (?:the )?name|found|registered|available)\b|"
    r"\b(?:tool|function|action)s?\b(?! (?:call )?(?:input|arg|param))[ :]*['\"`]?[\w.-]{0,80}['\"`]?,? "
    r"(?:(?:was |is |were )?not (?:found|available|registered|recogni[sz]ed|defined|known|a (?:valid|known))\b|"
    r"does(?: not|n['\u2019]t) exist)|"
    r"['\"`]?[\w.-]{1,80}['\"`]? is not (?:a |an )?(?:valid|known|registered|available|recogni[sz]ed|existing) (?:tool|function|action)\b|"
    r"\btool[_ ]?not[_ ]?found\b|-32601\b",
    re.IGNORECASE,
)
# What is wrong is what was given, and not what came back from elsewhere.
NOT_VALID = re.compile(
    r"\b(?:input)?validation[_ ]?errors?\b|\binvalid (?:tool |json )?(?:arguments?|args|params?|parameters?|inputs?)\b|\binvalidtool(?:arguments?|input)|"
    r"\b(?:arguments?|params?|parameters?|inputs?)\b.{0,60}\b(?:is|are|was|were) (?:not valid|invalid|missing|required|malformed|not present|not provided)\b|"
    r"\baction input is not\b|\barguments? (?:must|should|has to|have to) be (?:in |an? |valid )*(?:json|object|dict)|"
    r"\b(?:pars|decod|deseriali[sz])(?:e|ing) (?:the )?(?:tool |function )?(?:call )?arguments?\b|\bmalformed (?:tool |function )?(?:call )?arguments?\b|"
    r"\bmissing (?:\d+ )?(?:a |the )?(?:required|mandatory)\b|\bmissing some input keys\b|"
    r"\b(?:unexpected|unknown|unrecogni[sz]ed) (?:keyword )?(?:arguments?|parameters?|params?)\b|\bunrecogni[sz]ed keys?\b|"
    r"\btakes? (?:no|(?:from \d+ to )?\d+) (?:positional )?arguments?\b|\bgot multiple values for (?:keyword )?argument\b|"
    r"\b(?:is a |a )?required (?:property|field|argument|parameter)\b|\bfield required\b|\binput should be\b|"
    r"\bextra (?:inputs?|fields?|keys?|arguments?) (?:is |are )?not (?:permitted|allowed)\b|\badditional properties are not allowed\b|\bmust not have additional properties\b|"
    r"\b(?:does not|did not|doesn['\u2019]t|not) (?:match|conform to|satisfy) (?:the )?(?:expected |required |input |tool |json )*schema\b|"
    r"\bnot valid under any of the given schemas\b|"
    r"\bschema validation\b|\b(?:is not|not defined) in (?:the )?(?:tool['\u2019]?s? )?(?:input )?schema\b|\bunprocessable\b|\b(?:http|status|code|error)\D{0,12}422\b|-32602\b|"
    r"\bcould not parse (?:the )?(?:tool )?(?:arguments?|input)\b|\binvalid_(?:type|argument|request_error|parameter)s?\b|"
    r"\binvalid (?:value|type) for (?:the )?(?:argument|parameter|param|input)\b|\bis not a valid (?:argument|parameter|param)\b|"
    r"\bvalue is not a valid (?:integer|float|dict|list|boolean|enumeration member)\b|"
    r"\bmust be (?:one of|of type|(?:an? )?(?:integer|number|string|boolean|array|object|list)|an? (?:date|positive|valid))\b|"
    r"\bis not of type\b|\bis not one of\b|\bexpected (?:an? )?(?:integer|number|string|boolean|array|object|list)\b.{0,30}\b(?:got|received|but)\b",
    re.IGNORECASE,
)
FROM_ELSEWHERE = re.compile(r"\b(?:response|reply|output|upstream|server returned)\b", re.IGNORECASE)


def says_not_valid(words: str) -> bool:
    return NOT_VALID.search(words) is not None and not FROM_ELSEWHERE.search(words)


def is_about_reading_these(arguments: Value, words: str) -> bool:
    """Whether reading the arguments as JSON fails with just these words. Else it may be a response that is no JSON."""
    if not isinstance(arguments, str) or "line " not in words:
        return False
    try:
        json.loads(arguments)
    except json.JSONDecodeError as error:
        return str(error) in words
    except (ValueError, RecursionError):  # a number or a nesting that is beyond Python
        return False
    return False
