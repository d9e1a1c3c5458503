"""What one run tells: its times, its tokens, its tool calls, its findings."""
