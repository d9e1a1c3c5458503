"""BeeAI for TypeScript, which makes a span of each thing that happens to a piece of work, inside the span of that work."""

from reev_flow.collect.dialects.dialect import Dialect

BEEAI = Dialect(name="BeeAI")
