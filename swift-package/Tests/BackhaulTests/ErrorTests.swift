import Backhaul
import Testing

@Suite("Errors say what is wrong")
struct ErrorTests {
    @Test func anEmptyIdentifierIsATypedError() {
        // rule S1
        #expect(throws: BackhaulError.self) {
            try SessionConfiguration.background(withIdentifier: "")
        }
    }
}
