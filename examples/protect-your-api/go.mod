module example.com/protect-your-api

go 1.19
