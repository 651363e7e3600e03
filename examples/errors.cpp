// What mistakes look like, in both modes: the same class, one line of text, and the line of yours that made
// it.
#include <cstdio>
#include <functional>
#include <vector>

#include "twofold/twofold.h"

namespace tw = twofold;

static void show(const char* mode, const std::function<void()>& mistake) {
  try {
    mistake();
    std::printf("  %-6s no error\n", mode);
  } catch (const tw::Error& e) {
    std::printf("  %-6s %-6s line %-3u %s\n", mode, e.kind(), e.where().line, e.what());
  }
}

struct Mistake {
  const char* title;
  std::function<void(const tw::Tensor& x)> make;  // x is f32[2,3]
};

// These look alike in both modes: x is a tensor with values, or a node of a graph.
static const std::vector<Mistake> mistakes = {
    {"shapes that do not broadcast", [](auto& x) { x + tw::ones({4}); }},
    {"inner dimensions that differ",
     [](auto& x) {
       tw::matmul(x, tw::ones({2, 5}));
     }},
    {"an axis that is not there", [](auto& x) { tw::softmax(x, 2); }},
    {"a reshape that loses elements",
     [](auto& x) {
       tw::reshape(x, {4, 2});
     }},
    {"an index beyond the end", [](auto& x) { x[2]; }},
    {"targets that are no integers", [](auto& x) { tw::cross_entropy(x, tw::ones({2})); }},
    {"a probability of two", [](auto& x) { tw::dropout(x, 2.0); }},
    {"a layer of another width",
     [](auto& x) {
       tw::nn::Linear layer(4, 2);
       layer(x);
     }},
    {"an in-place edit that does not fit",
     [](auto& x) {
       tw::identity(x).add_(tw::ones({5, 2, 3}));
     }},
    {"an in-place edit of a parameter",
     [](auto&) {
       tw::Tensor w = tw::parameter(tw::from_values(std::vector<float>(3).data(), tw::f32, {3}));
       w.add_(1);
     }},
};

static void only_eager() {
  std::puts("a second backward()");
  show("eager", [] {
    const tw::Tensor w = tw::parameter(tw::ones({2})), y = tw::exp(w).sum();
    y.backward();
    y.backward();
  });
  std::puts("an edit of what backward() needs");
  show("eager", [] {
    const tw::Tensor w = tw::parameter(tw::ones({2}));
    tw::Tensor y = tw::exp(w);
    const tw::Tensor z = (y * y).sum();
    y.add_(1);  // the line the message names
    z.backward();
  });
}

static void only_graph() {
  tw::Graph g;
  const auto [x, y] = g.build([] {
    const tw::Tensor in = tw::placeholder(tw::f32, {tw::unknown, 3}, "x");
    return std::pair(in, tw::exp(in));
  });
  tw::Session session(g);
  std::puts("a placeholder without a value");
  show("graph", [&, y = y] { session.run({y}); });
  std::puts("a feed of the wrong shape");
  show("graph", [&, x = x, y = y] { session.run({y}, {{x, tw::ones({2, 4})}}); });
  std::puts("a feed of the wrong dtype");
  show("graph", [&, x = x, y = y] { session.run({y}, {{x, tw::ones({2, 3}, tw::i32)}}); });
  std::puts("asking a node for its value");
  show("graph", [y = y] { y.item<float>(); });
}

static void files() {
  std::puts("a file that is not there");
  show("both", [] { tw::load_npz("no/such/file.npz"); });
  std::puts("a file that is something else");
  const std::vector<std::byte> bytes(100);
  show("both", [&] { tw::decode_npy(bytes, "zeros.npy"); });
}

int main() {
  for (const Mistake& m : mistakes) {
    std::puts(m.title);
    show("eager", [&] { m.make(tw::ones({2, 3})); });
    show("graph", [&] {
      tw::Graph g;
      const tw::Graph::Scope scope(g);
      m.make(tw::placeholder(tw::f32, {2, 3}, "x"));
    });
  }
  only_eager();
  only_graph();
  files();
}
