// watchos 6 error: 'Observable()' is only available in watchOS 10.0 or newer
import SwiftUI

@Observable final class Model {
    var rows: [String] = []
}
