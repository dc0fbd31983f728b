import BaritoProvisioner

@main struct Main {
  static func main() async { await ProvisionerService.main() }
}
