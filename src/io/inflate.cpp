#include "io/inflate_p.h"

#include <zlib.h>

#include <algorithm>

#include "io/file_p.h"

namespace twofold::io {

struct Inflater::Stream {
  z_stream z{};
  bool ended = false;
};

namespace {

constexpr std::uint64_t chunk = 1 << 20;

// zlib counts in 32 bits: a long input is handed over in pieces.
void refill(z_stream& z, View packed) {
  if (z.avail_in > 0) return;
  const std::uint64_t left = packed.size() - z.total_in;
  z.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(packed.data() + z.total_in));
  z.avail_in = static_cast<uInt>(std::min<std::uint64_t>(left, 1u << 30));
}

}  // namespace

Inflater::Inflater(std::string file, std::uint64_t start, View packed, Wrapping wrapping)
    : file_(std::move(file)), start_(start), packed_(packed), stream_(std::make_unique<Stream>()) {
  const int window = wrapping == Wrapping::gzip ? 15 + 16 : -15;
  if (inflateInit2(&stream_->z, window) != Z_OK)
    throw MemoryError({.op = "inflate", .argument = "", .got = "", .expected = "", .note = "no memory"});
}

Inflater::~Inflater() { inflateEnd(&stream_->z); }

void Inflater::fail(const std::string& reason) const {
  throw IoError(file_, start_ + stream_->z.total_in, reason);
}

bool Inflater::step(std::span<std::byte> out, std::size_t& produced) {
  z_stream& z = stream_->z;
  refill(z, packed_);
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  const int code = stream_->ended ? Z_STREAM_END : inflate(&z, Z_NO_FLUSH);
  produced = out.size() - z.avail_out;
  stream_->ended = code == Z_STREAM_END;
  if (code == Z_BUF_ERROR || (code == Z_OK && produced == 0 && z.total_in == packed_.size()))
    fail("truncated: the compressed data end early");
  if (code != Z_OK && code != Z_STREAM_END)
    fail(std::string("corrupt compressed data") + (z.msg ? ": " + std::string(z.msg) : ""));
  return stream_->ended;
}

void Inflater::read(std::uint64_t count, Bytes& out) {
  while (count > 0) {
    const std::size_t old = out.size(), room = std::min(count, chunk);
    grow(out, old + room, file_);
    std::size_t produced = 0;
    const bool ended = step(std::span(out).subspan(old), produced);
    out.resize(old + produced);
    count -= produced;
    if (ended && count > 0)
      fail("truncated: the unpacked data end " + std::to_string(count) + " bytes early");
  }
}

void Inflater::expect_end() {
  std::byte extra{};
  std::size_t produced = 0;
  while (!step({&extra, 1}, produced))
    if (produced > 0) fail("more unpacked data than promised");
  if (produced > 0) fail("more unpacked data than promised");
  if (stream_->z.total_in != packed_.size()) fail("bytes follow the compressed data");
}

}  // namespace twofold::io
