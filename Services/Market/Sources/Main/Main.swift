import BaritoMarket

@main struct Main {
  static func main() async { await Market.main() }
}
