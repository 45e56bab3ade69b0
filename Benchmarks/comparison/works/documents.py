"""Graph documents, as short as they can be."""


def independent(tasks: int, handler: str = "core.noop", name: str = "fan-out", more: str = "") -> bytes:
    """Tasks that wait for nothing. `more` goes into each, such as `,"inputs":{"seconds":1}`."""
    listed = ",".join(f'{{"id":"t{number}","handler":"{handler}"{more}}}' for number in range(tasks))
    return f'{{"name":"{name}","tasks":[{listed}]}}'.encode()


def joined(tasks: int) -> bytes:
    """Tasks that wait for nothing, and one that gets the results of them all."""
    ids = ",".join(f'"t{number}"' for number in range(tasks))
    join = f',{{"id":"join","handler":"core.noop","dependencies":[{ids}]}}]}}'
    return independent(tasks)[: -len("]}")] + join.encode()


def chain(tasks: int) -> bytes:
    """Tasks each of which gets the result of the one before."""
    first = '{"id":"t0","handler":"core.noop"}'
    rest = "".join(f',{{"id":"t{number}","handler":"core.noop","dependencies":["t{number - 1}"]}}' for number in range(1, tasks))
    return f'{{"name":"chain","tasks":[{first}{rest}]}}'.encode()
