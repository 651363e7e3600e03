// twofold.data: labelled images, a keyed split, and batches in a keyed order.

#include "python/plain.h"
#include "python/plain_graph.h"
#include "twofold/data.h"

namespace twofold::python {
namespace {

using data::DataLoader;
using data::Dataset;
using data::Split;

// With the loader that it goes through.
struct BatchIterator {
  nb::object loader;
  DataLoader::Iterator at;

  template <class F>
  void each_object(F f) const {
    f(loader.ptr());
  }
  void clear() { loader.reset(); }
};

nb::object next_batch(BatchIterator& i) {
  if (!i.loader.is_valid() || i.at == std::default_sentinel) throw nb::stop_iteration();
  const Tensors batch = *i.at;
  ++i.at;
  return to_result(batch);
}

void make_dataset(void* at, nb::handle, const Call& c) {
  new (at) Dataset{.name = c["name"].text(),
                   .images = c["images"].tensor_with_values(),
                   .labels = c["labels"].tensor_with_values(),
                   .scale = c["scale"].real(255),
                   .credit = c["credit"].text("")};
}

void add_datasets(nb::module_& m) {
  nb::class_<Dataset> dataset(m, "Dataset", "Labelled images.");
  constructor<Dataset>(
      dataset,
      "def __init__(self, name: str, images: Tensor, labels: Tensor, scale: float = 255, credit: str = '') "
      "-> None",
      "`images` are u8 [n, height, width], `labels` i64 [n]; `scale` is the largest value of a pixel.",
      make_dataset);
  attribute<Dataset>(dataset, "def name(self) -> str", "'digits'.", [](Dataset& d) { return d.name; });
  attribute<Dataset>(dataset, "def images(self) -> Tensor", "u8 [n, height, width].",
                     [](Dataset& d) { return d.images; });
  attribute<Dataset>(dataset, "def labels(self) -> Tensor", "i64 [n].", [](Dataset& d) { return d.labels; });
  attribute<Dataset>(dataset, "def scale(self) -> float", "The largest value of a pixel.",
                     [](Dataset& d) { return d.scale; });
  attribute<Dataset>(dataset, "def credit(self) -> str", "To print where results are shown.",
                     [](Dataset& d) { return d.credit; });
  attribute<Dataset>(dataset, "def size(self) -> int", "How many images.",
                     [](Dataset& d) { return d.size(); });
  method<Dataset>(dataset, "def features(self) -> Tensor", "The images as f32 [n, height * width] in 0..1.",
                  [](Dataset& d, const Call&) { return d.features(); });

  nb::class_<Split> split(m, "Split", "Two parts of a dataset.");
  attribute<Split>(split, "def train(self) -> Dataset", "To learn from.", [](Split& s) { return s.train; });
  attribute<Split>(split, "def held_out(self) -> Dataset", "To test with.",
                   [](Split& s) { return s.held_out; });
}

void add_sources(nb::module_& m) {
  define(m, "def load_digits(path: Path | None = None) -> Dataset",
         "UCI's 1,797 handwritten digits, 8x8 pixels of 0..16. Without a path, digits.npz is looked for in "
         "$TWOFOLD_DATA and near the running program.",
         [](const Call& c) { return data::load_digits(c["path"].absent() ? "" : c["path"].path()); });
  define(m, "def load_mnist(folder: Path, train: bool = True) -> Dataset",
         "From a folder with MNIST's four files in IDX form, gzipped or not.",
         [](const Call& c) { return data::load_mnist(c["folder"].path(), c["train"].flag(true)); });
  define(m, "def program_folder() -> str", "The folder of the running program, with a '/' at the end.",
         [](const Call&) { return data::program_folder(); });
  define(m, "def permutation(n: int, generator: Generator) -> Tensor",
         "0..n-1 in an order drawn from `generator`, i64.", [](const Call& c) {
           return data::permutation(c["n"].integer(), c["generator"].instance<Generator>("a Generator"));
         });
  define(m, "def split(all: Dataset, seed: int, every: int = 5) -> Split",
         "Every `every`-th image of a shuffled order is held out.", [](const Call& c) {
           return data::split(c["all"].instance<Dataset>("a Dataset"), c["seed"].seed(),
                              c["every"].integer(5));
         });
}

void make_loader(void* at, nb::handle, const Call& c) {
  const data::LoaderOptions options{.batch_size = c["batch_size"].integer(32),
                                    .seed = c["seed"].seed(0),
                                    .shuffle = c["shuffle"].flag(true),
                                    .drop_last = c["drop_last"].flag(false)};
  new (at) DataLoader(c["tensors"].tensors(), options);
}

void add_loader(nb::module_& m) {
  nb::class_<DataLoader> loader(
      m, "DataLoader", nb::is_weak_referenceable(),
      "Batches of tensors whose first dimensions agree. Each loop is the next epoch.");
  constructor<DataLoader>(
      loader,
      "def __init__(self, tensors: Tensors, *, batch_size: int = 32, seed: int = 0, shuffle: bool "
      "= True, drop_last: bool = False) -> None",
      "An epoch's order depends on nothing but the seed and the epoch.", make_loader);
  nb::class_<BatchIterator> iterator(loader, "Iterator", nb::type_slots(Collected<BatchIterator>::slots),
                                     "The batches of one epoch.");
  add_method(iterator, "def __iter__(self) -> DataLoader.Iterator", "Itself.",
             [](nb::handle self, const Call&) { return nb::borrow(self); });
  method<BatchIterator>(iterator, "def __next__(self) -> list[Tensor]", "The next batch.",
                        [](BatchIterator& i, const Call&) { return next_batch(i); });
  add_method(
      loader, "def __iter__(self) -> DataLoader.Iterator", "The batches of the next epoch.",
      [](nb::handle self, const Call& c) {
        return nb::cast(BatchIterator{nb::borrow(self), self_as<DataLoader>(self, c.signature()).begin()});
      });
  method<DataLoader>(loader, "def batches(self) -> int", "How many an epoch has.",
                     [](DataLoader& l, const Call&) { return l.batches(); });
  attribute<DataLoader>(
      loader, "def epoch(self) -> int", "The next loop's; they count from 0.",
      [](DataLoader& l) { return l.epoch(); },
      [](DataLoader& l, const Given& value) { l.set_epoch(value.integer()); });
  method<DataLoader>(loader, "def set_epoch(self, epoch: int) -> None", "The next loop's.",
                     [](DataLoader& l, const Call& c) { l.set_epoch(c["epoch"].integer()); });
}

}  // namespace

void add_data(nb::module_& m) {
  add_datasets(m);
  add_sources(m);
  add_loader(m);
}

}  // namespace twofold::python
