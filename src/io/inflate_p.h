// Inflater: deflated or gzipped bytes, unpacked as they are asked for.
//
// Memory grows with what really comes out, so a header that promises more than its data hold costs nothing.
#pragma once

#include <memory>

#include "io/reader_p.h"
#include "twofold/io.h"

namespace twofold::io {

enum class Wrapping { raw, gzip };

class Inflater {
 public:
  // Errors name `file` and an offset counted from `start`, where `packed` lies in it.
  Inflater(std::string file, std::uint64_t start, View packed, Wrapping wrapping);
  ~Inflater();
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  // Appends exactly `count` bytes to `out`; IoError when the data are corrupt or end before.
  void read(std::uint64_t count, Bytes& out);
  // IoError unless everything has been read and checksums, where the wrapping has them, hold.
  void expect_end();

 private:
  struct Stream;
  // One step of zlib into `out`; true at the end of the stream.
  bool step(std::span<std::byte> out, std::size_t& produced);
  [[noreturn]] void fail(const std::string& reason) const;

  std::string file_;
  std::uint64_t start_;
  View packed_;
  std::unique_ptr<Stream> stream_;
};

}  // namespace twofold::io
