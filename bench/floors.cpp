// The floors: what the smallest things cost from C++, on one thread.
//
//   build/bench/floors --benchmark_format=json > floors.json
#include <benchmark/benchmark.h>

#include "twofold/graph.h"
#include "twofold/ops.h"

namespace tw = twofold;

namespace {

const tw::Tensor& four() {
  static const tw::Tensor t = tw::tensor({1.0f, 2.0f, 3.0f, 4.0f});
  return t;
}

void add4(benchmark::State& state) {
  const tw::Tensor a = four(), b = tw::tensor({4.0f, 3.0f, 2.0f, 1.0f});
  for (auto _ : state) benchmark::DoNotOptimize(tw::add(a, b));
}

void add4_grad(benchmark::State& state) {
  const tw::Tensor a = tw::parameter(four()), b = tw::tensor({4.0f, 3.0f, 2.0f, 1.0f});
  for (auto _ : state) benchmark::DoNotOptimize(tw::add(a, b));
}

void mean_backward(benchmark::State& state) {
  tw::Tensor x = tw::parameter(tw::tensor({1.0f, 2.0f, 3.0f, 4.0f}, {2, 2}));
  for (auto _ : state) {
    (x * 2).mean().backward();
    x.zero_grad();
  }
}

void callable_scalar(benchmark::State& state) {
  tw::Graph g;
  const auto [x, y] = g.build([] {
    const tw::Tensor in = tw::placeholder(tw::f32, {}, "x");
    return std::pair(in, in + 1.0);
  });
  tw::Session session(g);
  const auto call = session.make_callable({y}, {x});
  const tw::Tensor one = tw::tensor(1.0f);
  for (auto _ : state) benchmark::DoNotOptimize(call({one}));
}

void chain_1000(benchmark::State& state) {
  tw::Graph g;
  const auto [x, y] = g.build([] {
    const tw::Tensor in = tw::placeholder(tw::f32, {4}, "x"), step = tw::placeholder(tw::f32, {4}, "step");
    tw::Tensor last = in;
    for (int i = 0; i < 1000; ++i) last = last + step;
    return std::pair(std::vector{in, step}, last);
  });
  tw::Session session(g);
  const auto call = session.make_callable({y}, x);
  for (auto _ : state) benchmark::DoNotOptimize(call({four(), four()}));
}

BENCHMARK(add4);
BENCHMARK(add4_grad);
BENCHMARK(mean_backward);
BENCHMARK(callable_scalar);
BENCHMARK(chain_1000)->Unit(benchmark::kMicrosecond);

}  // namespace
