module example.com/go-api

go 1.24.0

require writ.example/guard v0.0.0

require github.com/go-jose/go-jose/v4 v4.1.9 // indirect

replace writ.example/guard => ../../sdk/go
