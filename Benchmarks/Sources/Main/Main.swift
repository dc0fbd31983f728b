import BaritoBench

@main struct Main {
  static func main() { Bench.main() }
}
