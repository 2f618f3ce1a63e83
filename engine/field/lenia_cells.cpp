#include "engine/field/lenia_cells.h"

#include <algorithm>
#include <string>

namespace atheria {
namespace {

// Bert Wang-Chak Chan, "Lenia: Biology of Artificial Life", Complex Systems 28 (2019); the cells
// are those of his animal collection (github.com/Chakazul/Lenia), Copyright (c) Bert Chan,
// published under the MIT licence.

constexpr std::string_view kOrbium =
    "7.MD6.qL$6.pKqEqFURpApBRAqQ$5.VqTrSsBrOpXpWpTpWpUpCrQ$4.CQrQsTsWsApITNPpGqGvL$3.IpIpWrOs"
    "GsBqXpJ4.LsFrL$A.DpKpSpJpDqOqUqSqE5.ExD$qL.pBpTT2.qCrGrVrWqM5.sTpP$.pGpWpD3.qUsMtItQtJ6."
    "tL$.uFqGH3.pXtOuR2vFsK5.sM$.tUqL4.GuNwAwVxBwNpC4.qXpA$2.uH5.vBxGyEyMyHtW4.qIpL$2.wV5.tIy"
    "G3yOxQqW2.FqHpJ$2.tUS4.rM2yOyJyOyHtVpPMpFqNV$2.HsR4.pUxAyOxLxDxEuVrMqBqGqKJ$3.sLpE3.pEuN"
    "xHwRwGvUuLsHrCqTpR$3.TrMS2.pFsLvDvPvEuPtNsGrGqIP$4.pRqRpNpFpTrNtGtVtStGsMrNqNpF$5.pMqKqL"
    "qRrIsCsLsIrTrFqJpHE$6.RpSqJqPqVqWqRqKpRXE$8.OpBpIpJpFTK!";

constexpr std::string_view kHydrogeminium =
    "37.BEG3JGE$35.JpApPqCqJqOqMqEpUpKpAQG$33.BVqCrLsPtLtVuCtTtJsPrVrDqJpPTB$33.pIrAsRuIvWwXx"
    "MxPxHwQvTuStTsUrSqOpFG$32.pKrXuIwFxU6yOyLxJwFvBtVsPrDpNJ$31.TsCvT11yOyIwXvTuNsWrDpKG$31."
    "rIwA14yOxHvWuKsRqTpDB$30.rQwS16yOxHvRuArXpXL$29.tG7yOyL4yOyL6yOwXvBsWqTpDB$28.tT7yOxUwSw"
    "IwVxHxJxMxUyI4yOyIwIuArNpNG$27.sW7yOxMvOtQsPtBuIvJwAwQxPyL4yOxPvBsHpXL$26.qTyL4yOxMvMuUt"
    "TrXqCpKqErStLuSvRwVyB5yOwFtDqMQ$25.pKuPyD3yOwVpS7.pIrQtJuSwDxPyL4yOxHuCrAV$24.QrXvOyB3yO"
    "qH9.pDrLtGvBxCyL4yOyBuSrLpA$23.rItDvMxU3yOtV11.pArGtLwIyI4yOyIvBrQpD$22.BuIwSyI2yOvE14.p"
    "NrXvMyG4yOyGvBrQpD$23.tJyD2yOpU15.VrNvEyB4yOxPuKrIpA$22.pItVyL2yO16.pSsRwAyD4yOwQtLqRQ$2"
    "1.rLvJxW2yOsP16.rLvExPyL4yOvMsKpXG$20.tOxJ3yOwLsMJ15.sWxC5yOyBuCrIpF$20.wDyLyOyGuCsHrLpU"
    "15.tQyB5yOwLsPqEO$19.sCwS2yOtTpDLpNqHO14.uCyL5yOuFrApDB$16.JtTwNxCyG2yOtG2.BVG13.qRwF5yO"
    "uXrQpIG$16.rL6yOxUpD15.qJvRyB5yOuNrQpF$16.tJ7yOvO15.7yOtVqOV$14.pFrX3yOuXTtT3yOG13.rQ6yO"
    "vBpF$12.uI6yOtD2.xEyOxH14.6yOvJQ$9.JqEtB8yO2.JsKqR9.pFqErNuC3yOyLyGyLsU$9.tG4yOyD.rG3yOt"
    "O8.qCqE3.qT6yOxEtLB$8.wV5yO3.wS2yOtL7.qRwQuFE2.sU5yOxMtT$7.sCyL4yOwFJ3.xUxR8.vG2yOrS2.2y"
    "OuUuXyGxEtQ$4.tTvWuFvT2yO2.vWvMpU10.rA2.sR7yOsWsCvMqO$4.vGwNwLxRyOpI2.pIxWuC9.2yOrN.J7yO"
    "qM$4.uPwXxMyIyOV2.EyOuS8.uF2yOwV2.6yOuS$4.uSuUvB2yOqEB.JE9.vG3yOrArV2yOuIuPyOwV$4.sP2vRw"
    "XyOyGqJL8.O3.yG6yOrLqMvB$3.pFtT2xM3yOsMJ7.rGtQ3.xH6yO$3.rAvM4yOwIqW8.sFwDtQ2.xE5yOrG$.pP"
    "qTsHvOyL2yOwQsKV8.pAtT2uCwDyL4yOuP$rGtBsRsUuPxHyOwSuFqWO9.rIvJyB4yOvJuCpFJ$qJtQtOtBuAuFu"
    "UuPtTrQpIGEVvTyOV3.rIxC4yOuAsPrGpPB$.rGsRrGpUqWsCsWtQtGrQqCpPqWvWyOsKB2.uI4yOtJrAV$5.pKr"
    "DsFtQvMvTuUtDrQqTsW2uIvOyI4yOuUrL$5.OrLtOvGxWyLyOwVsHpPpNyD7yOvRpI$6.sKxC2yIyLyOxWuPrIuN"
    "7yOuUqJ$5.QuNyB2yOyLyIyL7yOyIpK$5.GsUxJ2yOyGwSvWwNxW4yOyLG$6.pKuAxHxUwNuCsRtBuSxCyG2yLsK"
    "$8.qJsRsWsCrApXqCsUqWG$10.TqHqMpN$11.QqHpK!";

// A value is '.' for 0, A..X for 1..24, or p..y before A..X for 25..255, in steps of 1/255.
float value_of(char prefix, char letter) {
  if (letter == '.') return 0;
  const int low = letter - 'A';
  return static_cast<float>(prefix ? (prefix - 'p') * 24 + low + 25 : low + 1) / 255.0F;
}

std::vector<std::vector<float>> decode(std::string_view text) {
  std::vector<std::vector<float>> rows(1);
  std::size_t count = 0;
  char prefix = 0;
  for (const char c : text.substr(0, text.find('!'))) {
    if (c >= '0' && c <= '9') {
      count = count * 10 + static_cast<std::size_t>(c - '0');
    } else if (c >= 'p' && c <= 'y') {
      prefix = c;
    } else {
      const auto times = std::max<std::size_t>(count, 1);
      if (c == '$')
        rows.resize(rows.size() + times);
      else
        rows.back().insert(rows.back().end(), times, value_of(prefix, c));
      count = 0;
      prefix = 0;
    }
  }
  return rows;
}

SeedPattern creature(std::string name, std::string title, std::string_view text) {
  const auto rows = decode(text);
  std::size_t width = 0;
  for (const auto& row : rows) width = std::max(width, row.size());
  SeedPattern pattern{.name = std::move(name),
                      .title = std::move(title),
                      .source = "Bert Chan, Lenia (MIT licence)",
                      .width = static_cast<int>(width),
                      .height = static_cast<int>(rows.size()),
                      .values = std::vector<float>(width * rows.size())};
  for (std::size_t y = 0; y < rows.size(); ++y)
    std::copy(rows[y].begin(), rows[y].end(),
              pattern.values.begin() + static_cast<long>(y * width));
  return pattern;
}

}  // namespace

SeedPattern orbium() { return creature("orbium", "Orbium unicaudatus", kOrbium); }

SeedPattern hydrogeminium() {
  return creature("hydrogeminium", "Hydrogeminium natans", kHydrogeminium);
}

}  // namespace atheria
