import Foundation
import WatchAppContent

extension Postcard {
    static let morning = Postcard.named("morning", hour: 8)
    static let noon = Postcard.named("noon", hour: 12)
    static let evening = Postcard.named("evening", hour: 18)
    /// Its picture is larger than what a watch fetches at any time.
    static let panorama = Postcard.named("panorama", hour: 20)

    /// The midnight that the hours are counted from.
    static let day = Date(timeIntervalSince1970: 1_750_032_000)

    static func named(_ id: String, hour: Double = 0, path: String? = nil, sha256: String? = nil) -> Postcard {
        let (data, digest) = pictures[id] ?? (Data(), String(repeating: "0", count: 64))
        let picture = Picture(
            path: path ?? "pictures/\(id).png", bytes: Int64(data.count), sha256: sha256 ?? digest)
        return Postcard(id: id, title: id.capitalized, date: day + hour * 3600, picture: picture)
    }

    /// What the server has under the picture's path.
    var pictureData: Data { Postcard.pictures[id]?.data ?? Data() }

    private static let pictures: [String: (data: Data, sha256: String)] = [
        "morning": (
            Data("picture: morning".utf8), "d21e1baaba4db72dda4da9f8f2ccdb3cd346db6152661e6d7f5d30910c6c9272"
        ),
        "noon": (
            Data("picture: noon".utf8), "e521e08599c2837fc5457ea857e6251d543cebcf7e1a6a69b8579987f20e69c8"
        ),
        "evening": (
            Data("picture: evening".utf8), "83db7338d92245665b749ba3ce32418f967b9ef87f84d93ed8577df3dc5e72b4"
        ),
        "panorama": (
            Data(count: 6 << 20), "b69dae56a14d1a8314ed40664c4033ea0a550eea2673e04df42a66ac6b9faf2c"
        ),
    ]
}

/// As a server sends it.
func json(of postcards: some Sequence<Postcard>) throws -> Data {
    let encoder = JSONEncoder()
    encoder.dateEncodingStrategy = .iso8601
    return try encoder.encode(["postcards": Array(postcards)])
}
