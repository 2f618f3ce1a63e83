#include "engine/field/image.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/error.h"
#include "engine/field/read_file.h"

#ifdef ATHERIA_PNG
#include <png.h>
#endif

namespace atheria {
namespace {

// The part [from, to) of a picture's side that a cell covers, and how much of each pixel.
struct Span {
  double from, to;

  static Span of(int cell, int cells, int pixels) {
    const double each = static_cast<double>(pixels) / cells;
    return {cell * each, (cell + 1) * each};
  }
  int first() const { return static_cast<int>(from); }
  double share(int pixel) const {
    return std::min(to, pixel + 1.0) - std::max(from, static_cast<double>(pixel));
  }
};

Rgba mean(const Image& image, const Span& across, const Span& down) {
  Rgba sum;
  double area = 0;
  for (int y = down.first(); y < image.height && down.share(y) > 0; ++y) {
    for (int x = across.first(); x < image.width && across.share(x) > 0; ++x) {
      const double share = across.share(x) * down.share(y);
      const auto* pixel = &image.rgba[(static_cast<std::size_t>(y) * image.width + x) * 4];
      const double alpha = pixel[3] / 255.0 * share;
      sum.r += pixel[0] / 255.0 * alpha;
      sum.g += pixel[1] / 255.0 * alpha;
      sum.b += pixel[2] / 255.0 * alpha;
      sum.a += alpha;
      area += share;
    }
  }
  return {sum.r / area, sum.g / area, sum.b / area, sum.a / area};
}

}  // namespace

std::vector<Rgba> resample(const Image& image, int width, int height) {
  std::vector<Rgba> cells;
  cells.reserve(static_cast<std::size_t>(width) * height);
  for (int y = 0; y < height; ++y) {
    const auto down = Span::of(y, height, image.height);
    for (int x = 0; x < width; ++x) {
      cells.push_back(mean(image, Span::of(x, width, image.width), down));
    }
  }
  return cells;
}

#ifdef ATHERIA_PNG

Image read_png(const std::string& path) {
  constexpr unsigned kMostSide = 8192;
  const std::string bytes = read_file(path);
  png_image png{};
  png.version = PNG_IMAGE_VERSION;
  const auto fail = [&](ErrorKind kind, const std::string& why) {
    png_image_free(&png);
    throw Error(kind, fmt::format("{}: {}", path, why), "init");
  };
  if (!png_image_begin_read_from_memory(&png, bytes.data(), bytes.size())) {
    fail(ErrorKind::io, fmt::format("not a PNG: {}", png.message));
  }
  if (png.width > kMostSide || png.height > kMostSide) {
    fail(ErrorKind::too_large, fmt::format("{}x{} pixels; the limit is {}x{}", png.width,
                                           png.height, kMostSide, kMostSide));
  }
  png.format = PNG_FORMAT_RGBA;
  Image image{static_cast<int>(png.width), static_cast<int>(png.height), {}};
  image.rgba.resize(PNG_IMAGE_SIZE(png));
  if (!png_image_finish_read(&png, nullptr, image.rgba.data(), 0, nullptr)) {
    fail(ErrorKind::io, fmt::format("a damaged PNG: {}", png.message));
  }
  return image;
}

#else

Image read_png(const std::string& path) {
  throw Error(ErrorKind::unsupported,
              fmt::format("{}: this build reads no PNG; it was made without libpng", path), "init");
}

#endif

}  // namespace atheria
