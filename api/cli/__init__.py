"""The command `wangge`."""

import typer

from api.cli import areas, db, demo, doctor, down, serve, token
from api.cli.database import UNREACHABLE

app = typer.Typer(
    name="wangge",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="网格 — a town's community grids. / 社区网格服务。",
)
load = typer.Typer(no_args_is_help=True, help="Load data from files.")
database = typer.Typer(no_args_is_help=True, help="Look after the database.")
app.command("serve")(serve.serve)
app.command("demo")(demo.demo)
app.command("token")(token.token)
app.command("doctor")(doctor.doctor)
app.command("down")(down.down)
load.command("areas")(areas.load_areas)
database.command("upgrade")(db.upgrade)
app.add_typer(load, name="load")
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
