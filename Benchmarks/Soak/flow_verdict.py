"""What a long run of Flow means: slopes, bounds, and the page that says so. Pure."""
import datetime

from verdict import GROWTH_FILES, GROWTH_MIB, GROWTH_SHARE, median, settled, slope

# What waits at the end may be so many times what waited at the beginning, and so many seconds of lines more.
DRIFT_TIMES, DRIFT_SECONDS = 2, 5
# Memory while Elasticsearch is away may be so much more than before, in MiB: batches in flight, and what is read ahead.
OUTAGE_MIB = 200


def judge(rate, samples, outage):
    """Everything that is beyond its bound, as sentences.

    samples: MiB, open files, records behind, seconds behind, each time; rate: lines a second that are indexed at most.
    """
    complaints = []
    memory, files = settled([each[0] for each in samples]), settled([each[1] for each in samples])
    growth, bound = slope(memory) * (len(memory) - 1), max(GROWTH_MIB, GROWTH_SHARE * memory[0])
    if growth > bound:
        complaints.append(f"Flow grew by {growth:.0f} MiB, {bound:.0f} are allowed")
    if files[-1] > files[0] + GROWTH_FILES:
        complaints.append(f"Flow has {files[-1]} open files, {files[0]} at the beginning")
    first, last = thirds(samples)
    if last > max(first * DRIFT_TIMES, first + DRIFT_SECONDS * rate):
        complaints.append(f"what waits went from {first:,.0f} to {last:,.0f} records")
    if outage:
        peak, _, recovery = outage
        before = samples[-1][0]
        if peak > before + OUTAGE_MIB:
            complaints.append(f"{peak:.0f} MiB while Elasticsearch was away, {before:.0f} before")
        if recovery is None:
            complaints.append("after Elasticsearch was back it never got through what had waited")
    return complaints


def thirds(samples):
    """Records behind, in the first third and in the last."""
    behind = [each[2] for each in samples]
    third = max(1, len(behind) // 3)
    return median(behind[:third]), median(behind[-third:])


def page(options, rate, samples, outage):
    complaints = judge(rate, samples, outage)
    hours = options.interval / 3600
    memory, files = settled([each[0] for each in samples]), settled([each[1] for each in samples])
    first, last = thirds(samples)
    text = [
        "# Soak of Flow", "",
        f"Written by `make soak SERVICE=flow` on {datetime.datetime.now(datetime.timezone.utc):%Y-%m-%d %H:%M} UTC: "
        f"{options.minutes:g} minutes at {options.share:.0%} of the {rate:,.0f} lines/s that Flow indexed from a backlog first. Kafka, "
        f"Elasticsearch, the Router and the load are on the same machine.", "",
        "| MiB, first | MiB, last | MiB per hour | open files, first | last | records behind, first third | last third | seconds behind, most |",
        "|--:|--:|--:|--:|--:|--:|--:|--:|",
        f"| {memory[0]:.0f} | {memory[-1]:.0f} | {slope(memory) / hours:+.1f} | {files[0]} | {files[-1]} | {first:,.0f} | {last:,.0f} | "
        f"{max(each[3] for each in samples):.0f} |", "", "The first fifth is left out of the slope."]
    if outage:
        peak, behind, recovery = outage
        after = "never" if recovery is None else f"{recovery:.0f} s after it was back"
        text += [
            "", f"Then Elasticsearch was away for {options.outage} s: at most {peak:.0f} MiB and {behind:,.0f} records behind; nothing was "
            f"behind any more {after}, while lines kept coming."]
    text += ["", "**" + ("; ".join(complaints) if complaints else "Within all bounds") + ".**", ""]
    return "\n".join(text), complaints
