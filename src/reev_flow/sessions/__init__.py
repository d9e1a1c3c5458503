"""The durable state of flow runs: what is kept, what may follow what, and what a store promises."""
