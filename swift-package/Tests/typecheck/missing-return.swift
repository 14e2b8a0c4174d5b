// watchos 6 error: missing return in global function expected to return 'String'
import Foundation

func name(of state: URLSessionTask.State) -> String {
    switch state {
    case .running: return "running"
    default: print(state)
    }
}
