import FaultKit
