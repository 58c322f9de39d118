"""The command `wangge`."""

import typer

from api.cli import (
    areas,
    assign,
    audit,
    db,
    demo,
    doctor,
    down,
    limits,
    load_osm,
    propose,
    quality,
    receiver,
    replay,
    report,
    serve,
    token,
    tree,
    user,
)
from api.cli.database import UNREACHABLE

app = typer.Typer(
    name="wangge",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="网格 — a town's community grids. / 社区网格服务。",
)
audited = typer.Typer(no_args_is_help=True, help="Verify and show the audit.")
receivers = typer.Typer(no_args_is_help=True, help="Look after who is told outside what happens.")
users = typer.Typer(no_args_is_help=True, help="Look after accounts and the roles they hold.")
ground_quality = typer.Typer()
drawing = typer.Typer(no_args_is_help=True, help="Draw first grids where there are none.")
load = typer.Typer(no_args_is_help=True, help="Load data from files.")
database = typer.Typer(no_args_is_help=True, help="Look after the database.")
app.command("serve")(serve.serve)
app.command("demo")(demo.demo)
app.command("assign")(assign.assign)
app.command("token")(token.token)
app.command("replay")(replay.replay)
app.command("report")(report.report)
app.command("doctor")(doctor.doctor)
app.command("down")(down.down)
audited.command("verify")(audit.verify)
audited.command("show")(audit.show)
users.command("add")(user.add)
users.command("list")(user.listed)
users.command("lock")(user.lock)
users.command("unlock")(user.unlock)
users.command("password")(user.password)
users.command("role")(user.role)
receivers.command("add")(receiver.add)
receivers.command("list")(receiver.listed)
receivers.command("pause")(receiver.pause)
receivers.command("remove")(receiver.remove)
receivers.command("test")(receiver.test)
ground_quality.callback(invoke_without_command=True)(quality.quality)
ground_quality.command("repair")(quality.repair)
load.command("areas")(areas.load_areas)
load.command("calendar")(limits.load_calendar)
load.command("limits")(limits.load_limits)
load.command("osm")(load_osm.load_osm)
load.command("tree")(tree.load_tree)
drawing.command("propose")(propose.propose)
drawing.command("accept")(propose.accept)
drawing.command("unplan")(tree.unplan)
database.command("upgrade")(db.upgrade)
app.add_typer(audited, name="audit")
app.add_typer(receivers, name="receiver")
app.add_typer(users, name="user")
app.add_typer(ground_quality, name="quality")
app.add_typer(load, name="load")
app.add_typer(drawing, name="areas")
app.add_typer(database, name="db")


def main() -> None:
    """Run the command; a database that does not answer is told in one line."""
    try:
        app()
    except UNREACHABLE as error:
        typer.secho(
            f"✗ The database does not answer ({type(error).__name__}): `wangge doctor` tells more.",
            fg="red",
            err=True,
        )
        raise SystemExit(1) from None
