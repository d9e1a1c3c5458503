"""`reev-flow sessions`: which sessions there are, how each stands, and what can be done about them."""

from cyclopts import App

app = App(name="sessions")
app.command("reev_flow.cli.sessions.listing:list_sessions", name="list", help="List the sessions, the newest first.")
app.command("reev_flow.cli.sessions.show:show", help="Show how a session stands, and what to do next.")
app.command("reev_flow.cli.sessions.answer:answer", help="Answer a question that a session asks.")
app.command("reev_flow.cli.sessions.cancel:cancel", help="End a session, whether or not somebody works on it.")
app.command("reev_flow.cli.sessions.fork:fork", help="Begin another session with what this one had done before a step.")
app.command("reev_flow.cli.sessions.recover:recover", help="Go on with every session that was interrupted.")
app.command("reev_flow.cli.sessions.verify:verify", help="Look whether everything is what was written.")
app.command("reev_flow.cli.sessions.backup:backup", help="Copy the sessions while they are used.")
app.command("reev_flow.cli.sessions.restore:restore", help="Bring sessions back from a backup.")
app.command("reev_flow.cli.sessions.prune:prune", help="Forget sessions that ended long ago.")
app.command("reev_flow.cli.sessions.free:free", help="Let the id of a session that was forgotten be run again.")
