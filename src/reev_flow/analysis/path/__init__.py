"""What each span waited for, and the chain of spans that decided how long a run took."""
