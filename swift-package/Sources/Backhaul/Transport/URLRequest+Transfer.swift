internal import BackhaulGenerated
import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

extension URLRequest {
    /// What a transfer asks for; nil if Foundation cannot read its URL.
    ///
    /// There is no `earliestBeginDate`: when a transfer begins is the core's to say. Whether the system may choose the
    /// time is a property of its sessions only: the core itself holds back single requests that are discretionary.
    init?(_ transfer: BackhaulGenerated.Transfer) {
        guard let url = URL(string: transfer.url) else { return nil }
        self.init(url: url, cachePolicy: .reloadIgnoringLocalCacheData, timeoutInterval: transfer.timeoutForRequest)
        for field in transfer.headers {
            addValue(field.value, forHTTPHeaderField: field.name)
        }
        // Rule R2: the bytes of the file, not of an encoding of it.
        setValue("identity", forHTTPHeaderField: "Accept-Encoding")
        httpShouldHandleCookies = false
        allowsCellularAccess = transfer.allowsCellular
        #if canImport(Darwin)
            allowsExpensiveNetworkAccess = transfer.allowsExpensive
            allowsConstrainedNetworkAccess = transfer.allowsConstrained
        #endif
    }

    /// Takes out what must not cross to another origin (rule H3).
    mutating func removeSecrets(named names: [String]) {
        for name in ["Authorization", "Cookie", "Proxy-Authorization"] + names {
            setValue(nil, forHTTPHeaderField: name)
        }
    }
}
