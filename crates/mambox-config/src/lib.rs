//! conda's and mamba's configuration: keys, files, variables, and the prefixes they choose.
