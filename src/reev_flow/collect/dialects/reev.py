"""reev-flow's own words, which go before all others."""

from reev_flow.collect.dialects.dialect import Concept, Dialect, Kind
from reev_flow.trace.semantics import REEV_CONVERSATION_ID, REEV_INPUT, REEV_OPERATION, REEV_OUTPUT
from reev_flow.trace.span import Operation

REEV = Dialect(
    name="reev-flow",
    kinds=(Kind(attribute=REEV_OPERATION, meanings={operation.value: operation for operation in Operation}),),
    attributes={
        Concept.CONVERSATION: (REEV_CONVERSATION_ID,),
        Concept.INPUT: (REEV_INPUT,),
        Concept.OUTPUT: (REEV_OUTPUT,),
    },
)
