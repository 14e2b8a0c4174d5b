internal import BackhaulGenerated

/// The library's own types that the kit is made of. By another name than their module's, which no other file imports:
/// half of its types are called like those that apps see.
enum Core {
    typealias BackgroundSessions = BackhaulGenerated.BackgroundSessions
    typealias CallbackError = BackhaulGenerated.CallbackError
    typealias ScenarioHost = BackhaulGenerated.ScenarioHost
    typealias ScenarioSession = BackhaulGenerated.ScenarioSession
    typealias ScenarioTask = BackhaulGenerated.ScenarioTask
    typealias ServerFault = BackhaulGenerated.ServerFault
    typealias SessionParts = BackhaulGenerated.SessionParts
    typealias SimulatedApp = BackhaulGenerated.SimulatedApp
    typealias SimulatedObject = BackhaulGenerated.SimulatedObject
    typealias SimulatedPhone = BackhaulGenerated.SimulatedPhone
    typealias SimulatedProfile = BackhaulGenerated.SimulatedProfile
    typealias SimulatedRanges = BackhaulGenerated.SimulatedRanges
    typealias SimulatedValidator = BackhaulGenerated.SimulatedValidator

    static func play(scenario json: String, host: (any ScenarioHost)?) throws -> BackhaulGenerated.ScenarioOutcome {
        try playScenario(json: json, host: host)
    }
}
