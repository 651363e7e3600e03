// Generator: keyed randomness, held like a variable.
#include "python/plain.h"
#include "twofold/generator.h"

namespace twofold::python {
namespace {

using State = Generator::State;

template <std::size_t N>
nb::tuple words(const std::array<std::uint32_t, N>& from) {
  nb::list out;
  for (std::uint32_t w : from) out.append(w);
  return nb::tuple(out);
}

template <std::size_t N>
void set_words(const Given& g, std::array<std::uint32_t, N>& to, const char* expected) {
  const std::vector<nb::object> items = g.items(expected);
  if (items.size() != N) g.refuse(expected);
  for (std::size_t i = 0; i < N; ++i) {
    std::uint32_t word = 0;
    if (!nb::try_cast(items[i], word)) g.refuse(items[i], expected);
    to[i] = word;
  }
}

void make_state(void* at, nb::handle, const Call& c) {
  State made;
  if (!c["key"].absent()) set_words(c["key"], made.key, "two words of 32 bits");
  if (!c["counter"].absent()) set_words(c["counter"], made.counter, "four words of 32 bits");
  made.per_session = c["per_session"].flag(false);
  new (at) State(made);
}

void make_generator(void* at, nb::handle, const Call& c) {
  const std::uint64_t seed = c["seed"].seed();
  const Given stream = c["stream"];
  if (!stream.absent() && PyUnicode_Check(stream.object().ptr()))
    new (at) Generator(seed, stream.text());
  else
    new (at) Generator(seed, stream.seed(0));
}

template <class T>
bool equal(const T& a, nb::handle b) {
  T* other = nullptr;
  return nb::try_cast(b, other) && other && a == *other;
}

}  // namespace

void bind_generator(nb::module_& m) {
  nb::class_<Generator> generator(m, "Generator", "Keyed randomness; a handle: two may share one state.");
  constructor<Generator>(
      generator, "def __init__(self, seed: int, stream: int | str = 0) -> None",
      "The stream of this number, or of a path such as a module's name, under the key `seed`.",
      make_generator);
  define(generator, "def per_session(seed: int, stream: int = 0) -> Generator",
         "The same stream from its beginning in every session.",
         [](const Call& c) { return Generator::per_session(c["seed"].seed(), c["stream"].seed(0)); });
  method<Generator>(generator, "def clone(self) -> Generator", "Another generator that goes on from here.",
                    [](Generator& g, const Call&) { return g.clone(); });
  method<Generator>(generator, "def take(self, blocks: int) -> Generator.State",
                    "The state before; the counter moves on by `blocks`.",
                    [](Generator& g, const Call& c) { return g.take(c["blocks"].seed()); });
  attribute<Generator>(
      generator, "def state(self) -> Generator.State", "Key and counter.",
      [](Generator& g) { return g.state(); },
      [](Generator& g, const Given& value) { g.state() = value.instance<State>("a Generator.State"); });
  generator.def("__eq__", equal<Generator>);
  generator.def("__hash__", [](const Generator& g) { return reinterpret_cast<std::uintptr_t>(&g.state()); });

  nb::class_<State> state(generator, "State",
                          "A key, a counter, and whether each session counts for itself.");
  constructor<State>(state,
                     "def __init__(self, key: Sequence[int] = (0, 0), counter: Sequence[int] = (0, 0, 0, 0), "
                     "per_session: bool = False) -> None",
                     "A state to give to a generator.", make_state);
  attribute<State>(state, "def key(self) -> tuple[int, int]", "64 bits.",
                   [](State& s) { return words(s.key); });
  attribute<State>(state, "def counter(self) -> tuple[int, int, int, int]",
                   "128 bits, the lowest word first.", [](State& s) { return words(s.counter); });
  attribute<State>(state, "def per_session(self) -> bool", "Does each session of a graph count for itself?",
                   [](State& s) { return s.per_session; });
  state.def("__eq__", equal<State>);
}

void add_generators(nb::module_& m) {
  m.attr("Generator") = nb::type<Generator>();
  define(m, "def manual_seed(seed: int) -> None", "Seeds the thread's default generator.",
         [](const Call& c) { manual_seed(c["seed"].seed()); });
  define(m, "def default_generator() -> Generator",
         "The thread's, which eager random operations without one of their own draw from.",
         [](const Call&) { return default_generator(); });
}

}  // namespace twofold::python
