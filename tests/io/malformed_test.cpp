// Malformed files, made by a generator: each gives one IoError that names file, offset and reason.
#include <functional>

#include "io/files.h"
#include "twofold/ops.h"

namespace twofold::test {
namespace {

struct Case {
  std::string what;
  Bytes bytes;
};
using Cases = std::vector<Case>;
using Decode = std::function<void(std::span<const std::byte>, const std::string&)>;

const Decode as_npy = [](auto bytes, const std::string& file) { decode_npy(bytes, file); };
const Decode as_npz = [](auto bytes, const std::string& file) { decode_npz(bytes, file); };
const Decode as_idx = [](auto bytes, const std::string& file) { decode_idx(bytes, file); };

void expect_refused(const Case& c, const Decode& decode) {
  try {
    decode(c.bytes, "bad.file");
    ADD_FAILURE() << c.what << ": accepted";
  } catch (const IoError& e) {
    const std::string text = e.what();
    EXPECT_NE(text.find("bad.file"), text.npos) << text;
    EXPECT_NE(text.find("offset " + std::to_string(e.offset)), text.npos) << text;
    EXPECT_EQ(text.find('\n'), text.npos) << text;
    EXPECT_LE(e.offset, c.bytes.size()) << c.what << ": " << text;
  }
}

void expect_all_refused(const Cases& cases, const Decode& decode, std::size_t at_least) {
  EXPECT_GE(cases.size(), at_least);
  for (const Case& c : cases) expect_refused(c, decode);
}

// Every proper beginning of a good file.
Cases truncations(const Bytes& good, const Decode& decode) {
  decode(good, "good.file");
  Cases cases;
  for (std::size_t n = 0; n < good.size(); ++n)
    cases.push_back({"the first " + std::to_string(n) + " bytes", first(good, n)});
  return cases;
}

Bytes good_npy() { return encode_npy(tensor<float>({1, 2, 3, 4, 5, 6}, Shape{2, 3})); }
Bytes good_npz() { return encode_npz({{"a", tensor<float>({1, 2, 3, 4, 5, 6}, Shape{2, 3})}}); }
Bytes good_idx() { return idx(8, {2, 2, 2}, zeros_of(8)); }

TEST(Malformed, TruncatedNpy) { expect_all_refused(truncations(good_npy(), as_npy), as_npy, 150); }
TEST(Malformed, TruncatedNpz) { expect_all_refused(truncations(good_npz(), as_npz), as_npz, 250); }
TEST(Malformed, TruncatedIdx) { expect_all_refused(truncations(good_idx(), as_idx), as_idx, 24); }
TEST(Malformed, TruncatedGzip) {
  expect_all_refused(truncations(deflated(good_idx(), true), as_idx), as_idx, 24);
}

TEST(Malformed, NpyMagicAndVersion) {
  Cases cases;
  for (std::size_t at = 0; at < 8; ++at)
    cases.push_back({"magic byte " + std::to_string(at), patched(good_npy(), at, little(0x7f, 1))});
  for (unsigned major : {0u, 4u, 255u})
    cases.push_back({"version " + std::to_string(major), patched(good_npy(), 6, little(major, 1))});
  cases.push_back({"header beyond the file", patched(good_npy(), 8, little(0xffff, 2))});
  cases.push_back({"no header", patched(good_npy(), 8, little(0, 2))});
  cases.push_back({"4 GiB of header", npy("", {}, 2) + zeros_of(9)});
  cases.back().bytes = patched(cases.back().bytes, 8, little(0xffffffff, 4));
  cases.push_back({"trailing byte", good_npy() + little(0, 1)});
  expect_all_refused(cases, as_npy, 14);
}

TEST(Malformed, NpyDictionaries) {
  const char* rest = "'fortran_order': False, 'shape': (2,), }";
  Cases cases;
  const auto add = [&](const std::string& text) { cases.push_back({text, npy(text + "\n", zeros_of(8))}); };
  for (const char* text : {"",
                           "{",
                           "}",
                           "{}",
                           "[]",
                           "None",
                           "{,}",
                           "{'descr'}",
                           "{'descr':}",
                           "{'descr': '<f4'}",
                           "{'descr': '<f4',",
                           "{descr: '<f4', 'fortran_order': False, 'shape': (2,)}",
                           "{'descr': '<f4', 'fortran_order': False}",
                           "{'descr': '<f4', 'shape': (2,)}",
                           "{'fortran_order': False, 'shape': (2,)}",
                           "{'descr': '<f4' 'fortran_order': False, 'shape': (2,)}",
                           "{'descr' '<f4', 'fortran_order': False, 'shape': (2,)}",
                           "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2,)}",
                           "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'more': 1}",
                           "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)} x",
                           "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}}",
                           "{'descr': '<f4, 'fortran_order': False, 'shape': (2,)}",
                           "{'descr': '<f4"})
    add(text);
  for (const char* truth : {"false", "true", "0", "1", "'False'", "None", "Fals", ""})
    add(std::string("{'descr': '<f4', 'fortran_order': ") + truth + ", 'shape': (2,)}");
  for (const char* dtype :
       {"",    "f",   "f4",  "=f4", "|f4", "<f3",  "<f16", "<c8",  "<u2",  "<u4", "<u8",
        "|V2", "<U4", "|S1", "|O",  "<M8", "<f4 ", " <f4", "<f44", ">>f4", "<b2", "[('a', '<f4')]"})
    add(std::string("{'descr': '") + dtype + "', " + rest);
  add(std::string("{'descr': [('a', '<f4')], ") + rest);
  add(std::string("{'descr': None, ") + rest);
  expect_all_refused(cases, as_npy, 50);
}

TEST(Malformed, NpyShapes) {
  Cases cases;
  for (const char* shape : {"",
                            "2",
                            "(2)",
                            "[2]",
                            "(2",
                            "2,)",
                            "(,)",
                            "(,2)",
                            "(2,,)",
                            "(2 1)",
                            "(-2,)",
                            "(+2,)",
                            "(2.0,)",
                            "('2',)",
                            "(2L,)",
                            "(0x2,)",
                            "(None,)",
                            "(3,)",
                            "(1,)",
                            "(2, 2)",
                            "()",
                            "(0,)",
                            "(1, 1, 1, 1, 1, 1, 1, 1, 2)",
                            "(1000000000,)",
                            "(4611686018427387904,)",
                            "(9223372036854775807,)",
                            "(9223372036854775808,)",
                            "(18446744073709551618,)",
                            "(99999999999999999999999999,)",
                            "(4294967296, 4294967296)",
                            "(4294967296, 1073741824)",
                            "(2147483648, 2147483648, 2147483648)",
                            "(0, 9223372036854775807, 9223372036854775807)"})
    cases.push_back(
        {shape, npy("{'descr': '<f4', 'fortran_order': False, 'shape': " + std::string(shape) + ", }\n",
                    zeros_of(8))});
  expect_all_refused(cases, as_npy, 30);
}

TEST(Malformed, NpyBools) {
  Cases cases;
  for (unsigned value : {2u, 7u, 128u, 255u})
    cases.push_back(
        {"a bool of " + std::to_string(value),
         npy("{'descr': '|b1', 'fortran_order': False, 'shape': (2,), }\n", big(0x0100 + value, 2))});
  expect_all_refused(cases, as_npy, 4);
}

// The archive of good_npz(): the entry's header at 0, its data at 35, the directory at 187, the end record at
// 238.
TEST(Malformed, NpzFields) {
  const struct {
    const char* what;
    std::size_t at;
    std::uint64_t value;
    int bytes;
  } rows[] = {
      {"entry signature", 0, 0, 4},
      {"entry encrypted", 6, 1, 2},
      {"entry method differs", 8, 8, 2},
      {"entry name length 0", 26, 0, 2},
      {"entry name length 4", 26, 4, 2},
      {"entry name length 65535", 26, 65535, 2},
      {"entry extra length 1", 28, 1, 2},
      {"entry extra length 65535", 28, 65535, 2},
      {"entry name differs", 30, 'b', 1},
      {"data changed", 35, 0, 1},
      {"data changed at their end", 186, 1, 1},
      {"directory signature", 187, 0, 4},
      {"encrypted", 195, 1, 2},
      {"method 1", 197, 1, 2},
      {"method 12", 197, 12, 2},
      {"method 99", 197, 99, 2},
      {"deflated, says the directory", 197, 8, 2},
      {"checksum", 203, 0, 4},
      {"packed size 0", 207, 0, 4},
      {"packed size short", 207, 151, 4},
      {"packed size long", 207, 153, 4},
      {"packed size 4 GiB", 207, 0xffffffff, 4},
      {"unpacked size 0", 211, 0, 4},
      {"unpacked size long", 211, 153, 4},
      {"unpacked size 4 GiB", 211, 0xffffffff, 4},
      {"unpacked size nearly 4 GiB", 211, 0xfffffffe, 4},
      {"name length 0", 215, 0, 2},
      {"name length 4", 215, 4, 2},
      {"name length 6", 215, 6, 2},
      {"name length 65535", 215, 65535, 2},
      {"extra length", 217, 1, 2},
      {"extra length 65535", 217, 65535, 2},
      {"comment length", 219, 1, 2},
      {"entry offset 1", 229, 1, 4},
      {"entry offset in the directory", 229, 187, 4},
      {"entry offset beyond the file", 229, 100000, 4},
      {"entry offset 4 GiB", 229, 0xffffffff, 4},
      {"name", 233, 'b', 1},
      {"end signature", 238, 0, 4},
      {"disk number", 242, 1, 2},
      {"directory's disk", 244, 1, 2},
      {"entries here", 246, 0, 2},
      {"entries here 2", 246, 2, 2},
      {"entries in all", 248, 2, 2},
      {"entries zip64", 246, 0xffffffff, 4},
      {"no entries", 246, 0, 4},
      {"two entries", 246, 0x20002, 4},
      {"directory size 0", 250, 0, 4},
      {"directory size", 250, 52, 4},
      {"directory start", 254, 186, 4},
      {"directory start beyond the file", 254, 100000, 4},
      {"directory start zip64", 254, 0xffffffff, 4},
      {"archive comment length", 258, 1, 2},
  };
  ASSERT_EQ(good_npz().size(), 260u);
  Cases cases;
  for (const auto& row : rows)
    cases.push_back({row.what, patched(good_npz(), row.at, little(row.value, row.bytes))});
  expect_all_refused(cases, as_npz, 50);
}

TEST(Malformed, NpzEntries) {
  const Bytes content = good_npy(), packed = deflated(content, false);
  const std::uint32_t crc = crc_of(content);
  const auto with = [&](const char* name, const Bytes& data, std::uint64_t size) {
    return deflated_npz(name, data, crc, size);
  };
  const Bytes bad_npy = npy("{}", {}), zeros_packed = deflated(zeros_of(1 << 20), false);
  Cases cases = {
      {"not an array", with("readme.txt", packed, content.size())},
      {"no name", with("", packed, content.size())},
      {"only the suffix", with(".npy", packed, content.size())},
      {"unpacks to more", with("a.npy", packed, content.size() - 1)},
      {"unpacks to less", with("a.npy", packed, content.size() + 1)},
      {"compressed data end early", with("a.npy", first(packed, packed.size() - 1), content.size())},
      {"bytes after the compressed data", with("a.npy", packed + zeros_of(1), content.size())},
      {"no compressed data", with("a.npy", {}, 0)},
      {"corrupt compressed data", with("a.npy", patched(packed, 0, little(0xff, 1)), content.size())},
      {"wrong checksum", deflated_npz("a.npy", packed, crc + 1, content.size())},
      {"a bomb that lies about its size", with("a.npy", zeros_packed, 100)},
      {"a bomb of zeros", deflated_npz("a.npy", zeros_packed, crc_of(zeros_of(1 << 20)), 1 << 20)},
      {"a promise beyond what deflate can do", with("a.npy", packed, 0xfffffffe)},
      {"a malformed array", deflated_npz("a.npy", deflated(bad_npy, false), crc_of(bad_npy), bad_npy.size())},
      {"a stored malformed array", patched(good_npz(), 258, zeros_of(2)) + zeros_of(1)},
  };
  expect_all_refused(cases, as_npz, 15);
}

// Two names for one entry's bytes: how a small archive unpacks to an enormous one.
TEST(Malformed, NpzOverlapAndDuplicates) {
  const Bytes good = encode_npz({{"a", tensor<float>({1})}, {"b", tensor<float>({1})}});
  const std::size_t content = 128 + 4, entry = 35 + content, directory = 2 * entry;
  const Bytes overlapping =
      patched(patched(good, directory + 51 + 42, little(0, 4)), directory + 51 + 46, bytes_of("a"));
  Cases cases = {{"one entry twice", overlapping}};
  Bytes twice = patched(good, entry + 30, bytes_of("a"));
  twice = patched(twice, directory + 51 + 46, bytes_of("a"));
  cases.push_back({"two entries of one name", twice});
  expect_all_refused(cases, as_npz, 2);
}

TEST(Malformed, Idx) {
  Cases cases = {
      {"first byte", patched(good_idx(), 0, little(1, 1))},
      {"second byte", patched(good_idx(), 1, little(1, 1))},
      {"rank 0", patched(good_idx(), 3, little(0, 1))},
      {"rank 9", idx(8, {1, 1, 1, 1, 1, 1, 1, 1, 1}, zeros_of(1))},
      {"rank 255", patched(good_idx(), 3, little(255, 1))},
      {"a byte too many", good_idx() + zeros_of(1)},
      {"4 G rows", idx(8, {0xffffffff}, zeros_of(8))},
      {"2^64 elements", idx(8, {0xffffffff, 0xffffffff}, zeros_of(8))},
      {"2^96 elements", idx(8, {0xffffffff, 0xffffffff, 0xffffffff}, zeros_of(8))},
      {"2^63 bytes", idx(14, {0x80000000, 0x20000000}, zeros_of(8))},
      {"an .npy file", good_npy()},
      {"an archive", good_npz()},
  };
  for (unsigned code : {0u, 7u, 0x0au, 0x0fu, 0x10u, 255u})
    cases.push_back({"dtype code " + std::to_string(code), patched(good_idx(), 2, little(code, 1))});
  expect_all_refused(cases, as_idx, 18);
}

TEST(Malformed, Gzip) {
  const Bytes good = deflated(good_idx(), true);
  Cases cases = {
      {"bytes after the end", good + zeros_of(1)},
      {"checksum", patched(good, good.size() - 8, little(0, 4))},
      {"length", patched(good, good.size() - 4, little(0, 4))},
      {"gzip in gzip", deflated(good, true)},
      {"method", patched(good, 2, little(9, 1))},
      {"reserved flags", patched(good, 3, little(0xe0, 1))},
      {"more data than promised", deflated(good_idx() + zeros_of(1), true)},
      {"fewer data than promised", deflated(first(good_idx(), 23), true)},
      {"a bomb", deflated(zeros_of(1 << 20), true)},
      {"a promise of 2^64 elements", deflated(idx(8, {0xffffffff, 0xffffffff}, zeros_of(99)), true)},
      {"a promise of 4 GiB", deflated(idx(8, {0xffffffff}, zeros_of(99)), true)},
  };
  expect_all_refused(cases, as_idx, 11);
}

// Any byte of any file replaced: read, or refused with an IoError, and nothing else.
TEST(Malformed, AnyChangedByteIsReadOrRefused) {
  const struct {
    Bytes good;
    const Decode& decode;
  } rows[] = {
      {good_npy(), as_npy},
      {good_npz(), as_npz},
      {good_idx(), as_idx},
      {deflated(good_idx(), true), as_idx},
      {deflated_npz("a.npy", deflated(good_npy(), false), crc_of(good_npy()), good_npy().size()), as_npz}};
  for (const auto& row : rows)
    for (std::size_t at = 0; at < row.good.size(); ++at)
      for (unsigned value : {0u, 1u, 0x28u, 0x39u, 0x7fu, 0x80u, 0xffu}) try {
          row.decode(patched(row.good, at, little(value, 1)), "bad.file");
        } catch (const IoError& e) {
          EXPECT_NE(std::string(e.what()).find("offset"), std::string::npos);
        }
}

}  // namespace
}  // namespace twofold::test
