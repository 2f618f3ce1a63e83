"""Counts tests from JUnit reports: CTest's, GoogleTest's, pytest's, Vitest's and Playwright's.

count_tests.py --exit-code CODE PREFIX   one stage: prints `N passed, N failed, N skipped`, ends 1 unless all is well.
    Reports are PREFIX.xml and, for C++, the suites' own beside it. A stage that ended badly without a failed test
    counts as one failure, and so does a stage without tests.
count_tests.py --sum                     adds up lines `NAME: N passed, ...` from standard input.
"""

import argparse
import re
import sys
from pathlib import Path
from xml.etree import ElementTree


class Count:
    def __init__(self, passed: int = 0, failed: int = 0, skipped: int = 0) -> None:
        self.passed, self.failed, self.skipped = passed, failed, skipped

    def __iadd__(self, other: "Count") -> "Count":
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped
        return self

    def __str__(self) -> str:
        text = f"{self.passed} passed, {self.failed} failed"
        return text + f", {self.skipped} skipped" if self.skipped else text


def of_case(case: ElementTree.Element) -> Count:
    if case.find("failure") is not None or case.find("error") is not None:
        return Count(failed=1)
    if case.get("status") == "fail":  # CTest's word
        return Count(failed=1)
    if case.find("skipped") is not None or case.get("status") in ("notrun", "disabled"):
        return Count(skipped=1)
    return Count(passed=1)


def of_report(path: Path) -> Count:
    total = Count()
    for case in ElementTree.parse(path).iter("testcase"):
        total += of_case(case)
    return total


def of_ctest(path: Path) -> Count:
    """CTest knows suites; the tests in them are in the reports GoogleTest wrote, unless the program crashed."""
    total = Count()
    for entry in ElementTree.parse(path).iter("testcase"):
        report = path.with_name(entry.get("name", "").replace("/", ".") + ".xml")  # as in cmake/suites.cmake
        count = of_report(report) if report.exists() else Count()
        well = entry.get("status") == "run"
        if not well and count.failed == 0:  # crashed, hung, not built, or a sanitizer spoke at the end
            count += Count(failed=1)
        total += count
    return total


def of_stage(prefix: Path, exit_code: int) -> Count:
    report = Path(f"{prefix}.xml")
    total = Count()
    if report.exists():
        total = of_ctest(report) if report.name == "C++.xml" else of_report(report)
    if total.failed == 0 and (exit_code != 0 or total.passed == 0):
        total.failed = 1
    return total


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("prefix", nargs="?", type=Path)
    parser.add_argument("--exit-code", type=int, default=0)
    parser.add_argument("--sum", action="store_true")
    args = parser.parse_args()
    if args.sum:
        total = Count()
        for line in sys.stdin:
            found = {word: int(n) for n, word in re.findall(r"(\d+) (passed|failed|skipped)", line)}
            total += Count(**found)
    else:
        total = of_stage(args.prefix, args.exit_code)
    print(total)
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main())
