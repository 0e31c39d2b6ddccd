"""The one error that users see: a sentence that says what happened, where, and what to do next."""


class ShoshinError(Exception):
    """Wrong input or an unfit environment; the command line prints it in a line or two and exits with 2."""
