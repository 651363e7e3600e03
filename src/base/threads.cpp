#include "base/threads.h"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace twofold {
namespace {

std::atomic<std::int64_t> test_grain{0};
thread_local bool inside_parallel = false;

int default_threads() {
  if (const char* text = std::getenv("TWOFOLD_THREADS"))
    if (const int n = std::atoi(text); n > 0) return std::min(n, 256);
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

struct Job {
  detail::RangeFn fn = nullptr;
  void* context = nullptr;
  std::int64_t n = 0;
  int parts = 0;

  void run(int part) const {
    const std::int64_t begin = n * part / parts, end = n * (part + 1) / parts;
    if (begin < end) fn(context, begin, end);
  }
};

// Workers sleep on a condition variable and wake for a numbered job; the caller runs part 0.
class Pool {
 public:
  explicit Pool(int threads) {
    for (int i = 1; i < threads; ++i) workers_.emplace_back([this, i] { work(i); });
  }
  ~Pool() {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    for (std::thread& w : workers_) w.join();
  }

  int threads() const { return static_cast<int>(workers_.size()) + 1; }

  void run(const Job& job) {
    std::lock_guard one_job_at_a_time(run_mutex_);
    {
      std::lock_guard lock(mutex_);
      job_ = job;
      running_ = job.parts - 1;
      error_ = nullptr;
      ++number_;
    }
    wake_.notify_all();
    inside_parallel = true;
    guarded(job, 0);
    inside_parallel = false;
    std::unique_lock lock(mutex_);
    done_.wait(lock, [this] { return running_ == 0; });
    if (error_) std::rethrow_exception(error_);
  }

 private:
  void guarded(const Job& job, int part) {
    try {
      job.run(part);
    } catch (...) {
      std::lock_guard lock(mutex_);
      if (!error_) error_ = std::current_exception();
    }
  }

  void work(int index) {
    inside_parallel = true;
    std::uint64_t seen = 0;
    std::unique_lock lock(mutex_);
    for (;;) {
      wake_.wait(lock, [&] { return stopping_ || number_ != seen; });
      if (stopping_) return;
      seen = number_;
      if (index >= job_.parts) continue;
      const Job job = job_;
      lock.unlock();
      guarded(job, index);
      lock.lock();
      if (--running_ == 0) done_.notify_one();
    }
  }

  std::mutex run_mutex_, mutex_;
  std::condition_variable wake_, done_;
  std::vector<std::thread> workers_;
  Job job_;
  int running_ = 0;
  std::uint64_t number_ = 0;
  bool stopping_ = false;
  std::exception_ptr error_;
};

std::mutex pool_mutex;
std::atomic<int> wanted{0};
using PoolHandle = std::shared_ptr<Pool>;  // a running job keeps its pool while another thread resizes it

// Never destroyed at exit: other static destructors may still compute.
PoolHandle& pool_slot() {
  static auto* slot = new PoolHandle;
  return *slot;
}

// After fork() the child has no worker threads: forget the parent's pool, without joining what is not there.
void forget_pool() { new PoolHandle(std::move(pool_slot())); }

PoolHandle current_pool() {
  std::lock_guard lock(pool_mutex);
  PoolHandle& pool = pool_slot();
  if (pool && pool->threads() == thread_count()) return pool;
  static const int registered = pthread_atfork(nullptr, nullptr, forget_pool);
  (void)registered;
  return pool = std::make_shared<Pool>(thread_count());
}

}  // namespace

int thread_count() {
  int n = wanted.load(std::memory_order_relaxed);
  if (n == 0) wanted = n = default_threads();
  return n;
}

void set_thread_count(int count) { wanted = std::clamp(count, 1, 256); }
void set_test_grain(std::int64_t grain) { test_grain = grain; }

namespace detail {

void parallel_ranges(std::int64_t n, std::int64_t grain, RangeFn fn, void* context) {
  if (n <= 0) return;
  if (const std::int64_t forced = test_grain.load(std::memory_order_relaxed)) grain = forced;
  grain = std::max<std::int64_t>(grain, 1);
  const std::int64_t parts = std::min<std::int64_t>(thread_count(), (n + grain - 1) / grain);
  if (parts <= 1 || inside_parallel) return fn(context, 0, n);
  current_pool()->run({fn, context, n, static_cast<int>(parts)});
}

}  // namespace detail
}  // namespace twofold
