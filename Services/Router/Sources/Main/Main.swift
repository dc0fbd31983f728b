import BaritoRouter

@main struct Main {
  static func main() async { await RouterService.main() }
}
