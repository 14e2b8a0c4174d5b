// watchos 6 ok
import SwiftUI

@available(watchOS 10.0, *)
@Observable @MainActor final class Model {
    var rows: [String] = []
}

@available(watchOS 10.0, *)
struct Rows: View {
    @State private var model = Model()

    var body: some View { Text("\(model.rows.count) rows") }
}
