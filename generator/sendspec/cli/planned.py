"""Commands whose names are known and that a later version brings: whoever types one is told what to do until then."""

import click

PLANNED = {
    "init": "start from one of the specs in the repository, specs/ or examples/",
    "import": "start from one of the specs in the repository, specs/ or examples/",
}
"""By name: what to do until then."""


class Commands(click.Group):
    """A group that knows which commands are still to come."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that the first argument names; exit code 64 where there is none."""
        name = args[0]
        if name in PLANNED and self.get_command(ctx, name) is None:
            ctx.fail(f"'{name}' comes with a later version: {PLANNED[name]}")
        return super().resolve_command(ctx, args)
