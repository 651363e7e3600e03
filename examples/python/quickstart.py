"""examples/quickstart.cpp, line by line: the same loss, the same optimiser, trained define-by-run and define-and-run."""

import twofold as tw


def loss(x: tw.Tensor, y: tw.Tensor, w: tw.Tensor, b: tw.Tensor) -> tw.Tensor:
    error = tw.matmul(x, w) + b - y  # written once, runs both ways
    return tw.mean(error * error)


x = tw.normal([100, 3], tw.f32, tw.Generator(1))
y = tw.matmul(x, tw.tensor([2, -1, 0.5], tw.f32, [3, 1])) + 4

# Define-by-run: values at once, backward() when you like.
w, b = tw.parameter(tw.zeros([3, 1])), tw.parameter(tw.zeros([1]))
sgd = tw.optim.SGD([w, b], 0.1)
for _ in range(50):
    value = loss(x, y, w, b)
    value.backward()
    sgd.step()
    sgd.zero_grad()
print(f"eager: loss {loss(x, y, w, b).item():.9g}\n{w.t()}")

# Define-and-run: a graph of the same function over the same kind of parameters, compiled once.
v, c = tw.parameter(tw.zeros([3, 1])), tw.parameter(tw.zeros([1]))
sgd2 = tw.optim.SGD([v, c], 0.1)
g = tw.Graph()
with g:
    px, py = tw.placeholder(tw.f32, [tw.unknown, 3], "x"), tw.placeholder(tw.f32, [tw.unknown, 1], "y")
    value = loss(px, py, v, c)
    train = sgd2.minimize(value)
session = tw.Session(g)
for _ in range(50):
    session.run(train, {px: x, py: y})
print(f"graph: loss {session.run(value, {px: x, py: y}).item():.9g}\n{v.t()}")
print("the weights are", "equal, bit for bit" if w.to_vector() == v.to_vector() else "different")
