import BaritoFlow

@main struct Main {
  static func main() async { await FlowService.main() }
}
