#include "app/protocol/requests.h"

#include <gmock/gmock.h>

#include <functional>

namespace atheria::wire {
namespace {

using testing::HasSubstr;

json::object object(std::string_view text) { return parse_json(text).as_object(); }

// "kind-of-path: message" of what reading throws.
template <class Read>
std::string fault(std::string_view text, Read read) {
  const json::object args = object(text);
  try {
    read(Args(args));
  } catch (const Error& error) {
    return error.path() + ": " + error.what();
  }
  return "none";
}

TEST(SimCreate, ReadsEverythingItIsTold) {
  const json::object args = object(
      R"({"name":"a","law":"lenia","size":[32,16,8],"preset":"orbium","params":{"mu":0.15,"s":"x"},
          "init":"blobs:count=3","seed":"18446744073709551615","dtype":"f64","device":"cuda:1",
          "path":"reference","pace":{"mode":"full","maxFps":5},"guard":"off","playing":false})");
  const WorldSpec spec = world_spec_of(Args(args));
  EXPECT_EQ(spec.grid, (GridSpec{32, 16, 8}));
  EXPECT_EQ(std::get<double>(spec.params.at("mu")), 0.15);
  EXPECT_EQ(std::get<std::string>(spec.params.at("s")), "x");
  EXPECT_EQ(spec.seed, ~0ull);
  EXPECT_EQ(spec.pace.mode, Pace::Mode::full);
  EXPECT_EQ(spec.pace.max_fps, 5);
  EXPECT_EQ(spec.guard, Guard::off);
  EXPECT_FALSE(spec.playing);
  EXPECT_EQ(spec.device, "cuda:1");
}

TEST(SimCreate, HasTheDefaultsOfTheProtocol) {
  const json::object args = object(R"({"name":"a","law":"life"})");
  const WorldSpec spec = world_spec_of(Args(args));
  EXPECT_EQ(spec.grid, (GridSpec{256, 256, 1}));
  EXPECT_EQ(spec.device, "cpu");
  EXPECT_EQ(spec.path, "fast");
  EXPECT_EQ(spec.seed, 0u);
  EXPECT_TRUE(spec.playing);
}

TEST(SimCreate, NamesTheArgumentThatIsWrong) {
  const auto create = [](const Args& args) { return world_spec_of(args); };
  const auto with = [&](const std::string& more) {
    return fault(R"({"name":"a","law":"life",)" + more + "}", create);
  };
  EXPECT_THAT(fault(R"({"law":"life"})", create), HasSubstr("args.name: "));
  EXPECT_THAT(fault(R"({"name":"a"})", create), HasSubstr("args.law: "));
  EXPECT_THAT(with(R"("size":[0,5])"), HasSubstr("args.size: "));
  EXPECT_THAT(with(R"("size":[5])"), HasSubstr("args.size: "));
  EXPECT_THAT(with(R"("size":[5.5,5])"), HasSubstr("args.size: "));
  EXPECT_THAT(with(R"("size":[1e18,5])"), HasSubstr("args.size: "));
  EXPECT_THAT(with(R"("params":{"a":true})"), HasSubstr("args.params.a: "));
  EXPECT_THAT(with(R"("params":[])"), HasSubstr("args.params: "));
  EXPECT_THAT(with(R"("pace":{"maxFps":-1})"), HasSubstr("args.pace.maxFps: "));
  EXPECT_THAT(with(R"("pace":{"mode":"fast"})"), HasSubstr("every, manual, full"));
  EXPECT_THAT(with(R"("seed":-1)"), HasSubstr("args.seed: "));
  EXPECT_THAT(with(R"("seed":"0x1")"), HasSubstr("args.seed: "));
  EXPECT_THAT(with(R"("playing":1)"), HasSubstr("args.playing: "));
  EXPECT_THAT(with(R"("guard":null)"), HasSubstr("args.guard: "));
}

TEST(Init, OpensNoFileOfTheServers) {
  const auto create = [](const Args& args) { return world_spec_of(args); };
  for (const char* init :
       {"image:file=/etc/passwd", "pattern:file = a", "a.rle", "A.PNG", "../b", "/etc/passwd",
        "pattern:x=1,file\t=q", "image:secret", "pattern:name=a.rle,x=1", "pattern:a.rle,rle=o!",
        "x=/etc/a.rle", "..\\b"}) {
    const json::object args{{"name", "a"}, {"law", "l"}, {"init", init}};
    try {
      create(Args(args));
      ADD_FAILURE() << init;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::not_allowed) << init;
    }
  }
  for (const char* init :
       {"blobs:count=3", "noise", "pattern:glider", "pattern:rle=#C a/b.rle\\no!",
        "x = 3, y = 1\\n3o!", "#C see a/b.rle\\nx = 1, y = 1\\no!"})
    EXPECT_EQ(fault(std::string(R"({"name":"a","law":"l","init":")") + init + "\"}", create),
              "none")
        << init;
}

TEST(FieldSeed, TakesRleThatCannotBeReadAsAPath) {
  const auto init = [](std::string_view text) {
    const json::object args = object(text);
    return seed_of(Args(args)).init;
  };
  EXPECT_EQ(init(R"({"rle":"x = 3, y = 1\n3o!"})"), "x = 3, y = 1\n3o!");
  EXPECT_EQ(init(R"({"rle":"\n #C a\nx=1\no!"})"), "#C a\nx=1\no!");
  EXPECT_EQ(init(R"({"rle":"/etc/passwd.rle"})"), "pattern:rle=/etc/passwd.rle");
  EXPECT_EQ(init(R"({"seed":5})"), "");
  EXPECT_THAT(fault(R"({"rle":" "})", [](const Args& a) { return seed_of(a); }),
              HasSubstr("args.rle"));
  EXPECT_THAT(fault(R"({"rle":"o!","init":"noise"})", [](const Args& a) { return seed_of(a); }),
              HasSubstr("args.rle"));
}

TEST(SimStep, CountsFromOneToABillion) {
  const auto n = [](std::string_view text) {
    return fault(text, [](const Args& args) { return step_of(args); });
  };
  EXPECT_EQ(n("{}"), "none");
  EXPECT_EQ(n(R"({"n":1000000000})"), "none");
  EXPECT_EQ(n(R"({"n":3.0})"), "none");
  EXPECT_THAT(n(R"({"n":0})"), HasSubstr("args.n: n must be a whole number 1..1000000000, got 0"));
  EXPECT_THAT(n(R"({"n":1000000001})"), HasSubstr("args.n"));
  EXPECT_THAT(n(R"({"n":"3"})"), HasSubstr("args.n"));
}

TEST(SimSet, PutsWhatCanFailFirst) {
  const json::object args =
      object(R"({"guard":"off","pace":{"every":4},"law":"wave","params":{"c":1}})");
  const auto commands = set_of(Args(args), {.mode = Pace::Mode::manual, .max_fps = 7});
  ASSERT_EQ(commands.size(), 3u);
  EXPECT_EQ(std::get<command::SetLaw>(commands[0]).params.size(), 1u);
  const Pace pace = std::get<command::SetPace>(commands[1]).pace;
  EXPECT_EQ(pace.every, 4u);
  EXPECT_EQ(pace.mode, Pace::Mode::manual);  // as it was
  EXPECT_EQ(pace.max_fps, 7);
  EXPECT_EQ(std::get<command::SetGuard>(commands[2]).guard, Guard::off);
}

TEST(SimSet, SetsOnlyParametersWhenNothingBeginsAnew) {
  const json::object args = object(R"({"params":{"feed":0.04}})");
  const auto commands = set_of(Args(args), {});
  ASSERT_EQ(commands.size(), 1u);
  EXPECT_EQ(std::get<double>(std::get<command::SetParams>(commands[0]).params.at("feed")), 0.04);
  EXPECT_THAT(fault("{}", [](const Args& a) { return set_of(a, {}); }), HasSubstr("needs"));
}

TEST(FieldPaint, ReadsAStroke) {
  const json::object args = object(
      R"({"tool":"noise","points":[[1,2],[3.5,-4]],"radius":0.5,"value":-1,"softness":1,
          "channel":"u","stroke":9,"z":3})");
  const Paint paint = paint_of(Args(args)).paint;
  EXPECT_EQ(paint.tool, Tool::noise);
  EXPECT_THAT(paint.points[1], testing::ElementsAre(3.5f, -4.0f));
  EXPECT_EQ(paint.radius, 0.5f);
  EXPECT_EQ(paint.stroke, 9u);
  EXPECT_EQ(paint.z, 3);
}

TEST(FieldPaint, NamesTheArgumentThatIsWrong) {
  const auto paint = [](const std::string& more) {
    return fault(R"({"points":[[1,2]],)" + more + "}", [](const Args& a) { return paint_of(a); });
  };
  EXPECT_THAT(paint(R"("radius":900)"),
              testing::Eq("args.radius: radius must be a number 0.5..512, got 900"));
  EXPECT_THAT(paint(R"("softness":1.5)"), HasSubstr("args.softness"));
  EXPECT_THAT(paint(R"("tool":"axe")"), HasSubstr("brush, erase, noise, stamp, got \"axe\""));
  EXPECT_THAT(paint(R"("tool":"stamp")"), HasSubstr("args.pattern"));
  const auto points = [](const std::string& list) {
    return fault(R"({"points":)" + list + "}", [](const Args& a) { return paint_of(a); });
  };
  EXPECT_THAT(fault("{}", [](const Args& a) { return paint_of(a); }), HasSubstr("args.points: "));
  EXPECT_THAT(points("[]"), HasSubstr("args.points: "));
  EXPECT_THAT(points("[[1,2],[3]]"), HasSubstr("args.points[1]: "));
  EXPECT_THAT(points("[[1,\"2\"]]"), HasSubstr("args.points[0]: "));
  EXPECT_THAT(points("[7]"), HasSubstr("args.points[0]: "));
  std::string many = "[[1,1]";
  for (int i = 0; i < 256; ++i) many += ",[1,1]";
  EXPECT_THAT(points(many + "]"), HasSubstr("args.points: "));
}

TEST(ProbeAndHistogram, AreReadWithTheirRanges) {
  const json::object at = object(R"({"x":3,"y":4})");
  EXPECT_EQ(probe_of(Args(at)).z, 0);
  EXPECT_THAT(fault(R"({"x":3})", [](const Args& a) { return probe_of(a); }), HasSubstr("args.y"));
  EXPECT_THAT(fault(R"({"x":-1,"y":0})", [](const Args& a) { return probe_of(a); }),
              HasSubstr("args.x"));
  const json::object bins = object(R"({"bins":4096,"range":[-1,1]})");
  EXPECT_EQ(histogram_of(Args(bins)).hi, 1);
  const auto histogram = [](std::string_view text) {
    return fault(text, [](const Args& a) { return histogram_of(a); });
  };
  EXPECT_THAT(histogram(R"({"bins":4097})"), HasSubstr("args.bins"));
  EXPECT_THAT(histogram(R"({"range":[1,1]})"), HasSubstr("args.range"));
  EXPECT_THAT(histogram(R"({"range":"auto"})"), HasSubstr("args.range"));
}

TEST(Args, ShowsLongTextShortAndStillUtf8) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "\u00e9";
  const json::object args{{"tool", text}};
  try {
    Args(args).integer("tool", 0, 1);
    FAIL();
  } catch (const Error& error) {
    EXPECT_LT(std::string(error.what()).size(), 120u);
    EXPECT_NO_THROW(parse_json(json::serialize(json::value(error.what()))));
  }
}

}  // namespace
}  // namespace atheria::wire
