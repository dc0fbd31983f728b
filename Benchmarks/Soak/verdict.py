"""What a long run means: slopes, bounds, and the page that says so. Pure."""
import datetime

# A run may end with so much more memory than it began with, in MiB or as a share, whichever is more.
GROWTH_MIB, GROWTH_SHARE = 32, 0.25
# Open files may be so many more.
GROWTH_FILES = 16
# The 99th percentile at the end may be so many times that of the beginning, and so many milliseconds more.
DRIFT_TIMES, DRIFT_MS = 2, 50
# Memory while Kafka stands still may be so much more than before, in MiB: kafka.queue, and bodies of requests.
OUTAGE_MIB = 300


def slope(values):
    """Of the line through the values that is nearest to them, for each step."""
    count = len(values)
    if count < 2:
        return 0.0
    middle, mean = (count - 1) / 2, sum(values) / count
    return sum((x - middle) * (y - mean) for x, y in enumerate(values)) / sum((x - middle) ** 2 for x in range(count))


def settled(values):
    """Without the beginning, in which pools and buffers grow to their size."""
    return values[len(values) // 5:]


def median(values):
    return sorted(values)[len(values) // 2]


def judge(samples, latencies, failed, outage):
    """Everything that is beyond its bound, as sentences."""
    complaints = []
    for name, looks in samples.items():
        memory, files = settled([each[0] for each in looks]), settled([each[1] for each in looks])
        growth, bound = slope(memory) * (len(memory) - 1), max(GROWTH_MIB, GROWTH_SHARE * memory[0])
        if growth > bound:
            complaints.append(f"{name} grew by {growth:.0f} MiB, {bound:.0f} are allowed")
        if files[-1] > files[0] + GROWTH_FILES:
            complaints.append(f"{name} has {files[-1]} open files, {files[0]} at the beginning")
    third = max(1, len(latencies) // 3)
    first, last = median(latencies[:third]), median(latencies[-third:])
    if last > max(first * DRIFT_TIMES, first + DRIFT_MS):
        complaints.append(f"the 99th percentile went from {first:.0f} to {last:.0f} ms")
    if failed:
        complaints.append(f"requests were not taken: {failed}")
    if outage:
        peak, answers, recovery = outage
        before = samples["router"][-1][0]
        if peak > before + OUTAGE_MIB:
            complaints.append(f"{peak:.0f} MiB while Kafka stood still, {before:.0f} before")
        if set(answers) - {503}:
            complaints.append(f"other answers than 503 while Kafka stood still: {answers}")
        if recovery is None:
            complaints.append("no line was taken within two minutes after Kafka went on")
    return complaints


def page(options, lines, capacity, samples, latencies, failed, outage):
    complaints = judge(samples, latencies, failed, outage)
    hours = options.interval / 3600
    text = [
        "# Soak", "",
        f"Written by `make soak` on {datetime.datetime.now(datetime.timezone.utc):%Y-%m-%d %H:%M} UTC: "
        f"{options.minutes:g} minutes at {options.share:.0%} of the {capacity * lines:,.0f} lines/s that were measured first, "
        f"batches of {lines}, one broker and the load on the same machine.", "",
        "| process | MiB, first | MiB, last | MiB per hour | open files, first | last |", "|---|---|---|---|---|---|"]
    for name, looks in samples.items():
        memory, files = settled([each[0] for each in looks]), settled([each[1] for each in looks])
        text.append(
            f"| {name} | {memory[0]:.0f} | {memory[-1]:.0f} | {slope(memory) / hours:+.1f} | {files[0]} | {files[-1]} |")
    third = max(1, len(latencies) // 3)
    text += [
        "", f"The first fifth is left out of the slope. 99th percentile: {median(latencies[:third]):.0f} ms in the first third, "
        f"{median(latencies[-third:]):.0f} ms in the last. Requests not taken: {failed or 'none'}."]
    if outage:
        peak, answers, recovery = outage
        after = "never" if recovery is None else f"after {recovery:.0f} s"
        text += [
            "", f"Then the broker stood still for {options.outage} s: answers {answers}, at most {peak:.0f} MiB; lines were taken "
            f"again {after}."]
    text += ["", "**" + ("; ".join(complaints) if complaints else "Within all bounds") + ".**", ""]
    return "\n".join(text), complaints
