"""examples/errors.cpp, line by line: what mistakes look like in both modes, and the line of yours that made them."""

from collections.abc import Callable
from functools import partial

import twofold as tw


def show(mode: str, mistake: Callable[[], object]) -> None:
    try:
        mistake()
        print(f"  {mode:<6} no error")
    except tw.Error as e:
        print(f"  {mode:<6} {e.kind:<6} line {e.where.line:<3} {e}")


# These look alike in both modes: x is a tensor with values, or a node of a graph.
MISTAKES: list[tuple[str, Callable[[tw.Tensor], object]]] = [
    ("shapes that do not broadcast", lambda x: x + tw.ones([4])),
    ("inner dimensions that differ", lambda x: tw.matmul(x, tw.ones([2, 5]))),
    ("an axis that is not there", lambda x: tw.softmax(x, 2)),
    ("a reshape that loses elements", lambda x: tw.reshape(x, [4, 2])),
    ("an index beyond the end", lambda x: x[2]),
    ("targets that are no integers", lambda x: tw.cross_entropy(x, tw.ones([2]))),
    ("a probability of two", lambda x: tw.dropout(x, 2.0)),
    ("a layer of another width", lambda x: tw.nn.Linear(4, 2)(x)),
    ("an in-place edit that does not fit", lambda x: tw.identity(x).add_(tw.ones([5, 2, 3]))),
    ("an in-place edit of a parameter", lambda _: tw.parameter(tw.from_values([0, 0, 0], tw.f32, [3])).add_(1)),
]


def twice() -> None:
    w = tw.parameter(tw.ones([2]))
    y = tw.exp(w).sum()
    y.backward()
    y.backward()


def edited() -> None:
    y = tw.exp(tw.parameter(tw.ones([2])))
    z = (y * y).sum()
    y.add_(1)  # the line the message names
    z.backward()


def only_eager() -> None:
    print("a second backward()")
    show("eager", twice)
    print("an edit of what backward() needs")
    show("eager", edited)


def only_graph() -> None:
    g = tw.Graph()
    with g:
        x = tw.placeholder(tw.f32, [tw.unknown, 3], "x")
        y = tw.exp(x)
    session = tw.Session(g)
    print("a placeholder without a value")
    show("graph", lambda: session.run(y))
    print("a feed of the wrong shape")
    show("graph", lambda: session.run(y, {x: tw.ones([2, 4])}))
    print("a feed of the wrong dtype")
    show("graph", lambda: session.run(y, {x: tw.ones([2, 3], tw.i32)}))
    print("asking a node for its value")
    show("graph", lambda: y.item())


def files() -> None:
    print("a file that is not there")
    show("both", lambda: tw.load_npz("no/such/file.npz"))
    print("a file that is something else")
    show("both", lambda: tw.decode_npy(bytes(100), "zeros.npy"))


def in_a_graph(mistake: Callable[[tw.Tensor], object]) -> None:
    with tw.Graph():
        mistake(tw.placeholder(tw.f32, [2, 3], "x"))


for title, make in MISTAKES:
    print(title)
    show("eager", partial(make, tw.ones([2, 3])))
    show("graph", partial(in_a_graph, make))
only_eager()
only_graph()
files()
